"""The verb `duplicates`: what is the same in another form, and the person's word on it."""

from __future__ import annotations

from typing import Any

from media_assistant.cli.desk import Desk, Said, wait
from media_assistant.cli.wording import printable
from media_assistant.errors import UserFixable
from media_assistant.items.duplicates import Group, Member
from media_assistant.items.item import Item

Plain = dict[str, Any]


def duplicates(desk: Desk) -> Said:
    """List the groups, or keep one item instead of others, or say that some are no duplicates."""
    match desk.asked.what:
        case "keep":
            kept, *others = _items(desk)
            if not others:
                others = [item for group in _groups_with(desk, kept) for item in group if item.id != kept.id]
            changes = wait(desk.assistant.duplicates.keep(kept.id, [item.id for item in others]))
            return Said({"removed": list(changes.removed)}, [desk.say("cli.removed", count=len(changes.removed))])
        case "different":
            items = _items(desk)
            changes = wait(desk.assistant.duplicates.part([item.id for item in items]))
            return Said({"different": [item.id for item in items] if changes else []}, [desk.say("cli.parted")])
        case _:
            return _list(desk)


def _list(desk: Desk) -> Said:
    if not desk.assistant.library.is_read_only:

        def draw(done: int, total: int) -> None:
            desk.progress.show(desk.say("cli.comparing"), done, total)

        wait(desk.assistant.duplicates.find(draw))
    groups = desk.assistant.duplicates.groups()
    limit = desk.asked.limit
    shown = groups if limit is None else groups[:limit]
    lines = [line for group in shown for line in _lines(desk, group)]
    return Said({"groups": [_document(desk, group) for group in shown]}, lines or [desk.say("cli.no_duplicates")])


def _document(desk: Desk, group: Group) -> Plain:
    return {
        "exact": group.is_exact,
        "sureness": group.sureness,
        "keep": group.kept.item.id,
        "why": [desk.sentence(each) for each in group.kept.differences],
        "items": [_member(desk, member, group) for member in group.members],
    }


def _member(desk: Desk, member: Member, group: Group) -> Plain:
    item, facts = member.item, member.item.facts
    return {
        "id": item.id,
        "kind": item.kind.value,
        "path": item.path,
        "copies": list(item.copies),
        "title": item.title,
        "size_bytes": item.size_bytes,
        "duration_ms": facts.duration_ms,
        "width": facts.width,
        "height": facts.height,
        "differs": []
        if member is group.kept
        else [{"code": each.code.rpartition(".")[2], "text": desk.sentence(each)} for each in member.differences],
    }


def _lines(desk: Desk, group: Group) -> list[str]:
    if group.is_exact:
        item = group.kept.item
        return [desk.say("cli.copied", count=1 + len(item.copies)), *_paths(item), ""]
    comma = desk.say("ui.list_separator")
    why = comma.join(desk.sentence(each) for each in group.kept.differences)
    lines = [desk.say("cli.duplicates", count=len(group.members), percent=round(100 * group.sureness))]
    for member in group.members:
        said = comma.join(desk.sentence(each) for each in member.differences)
        is_kept = member is group.kept
        note = desk.say("cli.keep_why", why=why) if is_kept and why else desk.say("cli.keep") if is_kept else said
        lines.append(f"{member.item.id:>6}  {printable(member.item.path)}" + (f"  ({note})" if note else ""))
    return [*lines, ""]


def _paths(item: Item) -> list[str]:
    return [f"{item.id:>6}  {printable(path)}" for path in (item.path, *item.copies)]


def _items(desk: Desk) -> list[Item]:
    from media_assistant.workflows.intake.importing import find_item

    found = []
    for word in desk.asked.items:
        item = find_item(desk.assistant.library, word)
        if item is None:
            raise UserFixable("cli.no_such_item", item=word)
        found.append(item)
    return found


def _groups_with(desk: Desk, item: Item) -> list[list[Item]]:
    groups = [group for group in desk.assistant.duplicates.groups() if not group.is_exact]
    return [[member.item for member in group.members] for group in groups if item.id in group.item_ids]
