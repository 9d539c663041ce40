"""The verbs `mix` and `groups`: order that the assistant makes by itself."""

from __future__ import annotations

import logging
from typing import Any

from media_assistant.cli import documents, wording
from media_assistant.cli.desk import Desk, Said, wait
from media_assistant.cli.standard_error import complain
from media_assistant.errors import UserFixable
from media_assistant.items.group import FormedGroup
from media_assistant.items.mix import COMPATIBLE, FALLING, RISING, SAME, Mix, MixWish
from media_assistant.jobs.worker_process import WorkerDied
from media_assistant.sentences import say_key

log = logging.getLogger(__name__)

_MOST_FOUND = 100_000


def mix(desk: Desk) -> Said:
    """From seeds or along a path; with `--out` it is written as a playlist."""
    asked, mixes = desk.asked, desk.assistant.mixes
    if asked.start:
        made = wait(mixes.path(_find(desk, asked.start), _find(desk, asked.end), asked.steps or 8))
    else:
        seeds = [_find(desk, word) for word in asked.seed]
        if asked.query:
            found = wait(desk.assistant.search(asked.query, _MOST_FOUND, is_half_typed=False))
            seeds += [hit.item.id for hit in found.hits]
        course = RISING if asked.rising else FALLING if asked.falling else 0
        key = SAME if asked.key_same else COMPATIBLE if asked.key_compatible else ""
        wish = MixWish(asked.minutes or 0.0, asked.steps or 20, asked.tempo_range, course, key)
        made = wait(mixes.mix(seeds, wish))
    document = _document(desk, made)
    if asked.out is not None and not made.steps:
        # A list of before is worth more than an empty one.
        return Said(document, document["notes"], document["says"])
    if asked.out is not None:
        title = asked.out.stem
        ids = [step.item.id for step in made.steps]
        document["written"] = str(wait(desk.assistant.collections.save_playlist(title, ids, asked.out)))
    return Said(document, _lines(desk, document, made))


def _find(desk: Desk, word: str) -> int:
    from media_assistant.workflows.intake.importing import find_item

    item = find_item(desk.assistant.library, word)
    if item is None:
        raise UserFixable("cli.no_such_item", item=word)
    return item.id


def _document(desk: Desk, made: Mix) -> dict[str, Any]:
    return {
        "total_ms": made.total_ms,
        "says": desk.sentence(made.says) or None,
        "notes": [desk.sentence(note) for note in made.notes],
        "bound": made.says.code.rpartition(".")[2] or None,
        "steps": [
            {
                "item": documents.item_document(step.item, desk.sentence),
                "tempo_bpm": step.tempo or None,
                "key": step.key or None,
                "camelot": step.camelot or None,
                "why": [desk.sentence(each) for each in step.why],
            }
            for step in made.steps
        ],
    }


def _lines(desk: Desk, document: dict[str, Any], made: Mix) -> list[str]:
    lines = []
    for step, each in zip(made.steps, document["steps"], strict=True):
        facts = [f"{step.tempo:.0f} bpm"] if step.tempo else []
        facts += [f"{say_key(desk.language, step.key)} ({step.camelot})"] if step.key else []
        line = f"{step.item.id:>5}  {wording.printable(step.item.title)}"
        lines.append("  · ".join((line, *facts, *each["why"])))
    lines += [document["says"]] if document["says"] else []
    lines += document["notes"]
    if "written" in document:
        lines.append(desk.say("ui.playlist.done", path=document["written"]))
    return lines


def groups(desk: Desk) -> Said:
    """The groups that form by themselves, formed anew where the library has changed; or the items of one."""
    try:
        wait(desk.assistant.groups.form())
    except (WorkerDied, ValueError, OSError):
        log.warning("groups were not formed", exc_info=True)
        complain(desk.say("groups.not_formed"))
    known = desk.assistant.groups.known()
    if desk.asked.number is not None:
        found = next((group for group in known if group.number == desk.asked.number), None)
        if found is None:
            raise UserFixable("groups.none_of_number", number=desk.asked.number)
        items = desk.assistant.library.items(found.members)
        document: dict[str, Any] = {
            **_group(desk, found),
            "items": [documents.item_document(item, desk.sentence) for item in items],
        }
        return Said(document, [f"{item.id:>5}  {wording.printable(item.title)}" for item in items])
    document = {"groups": [_group(desk, group) for group in known]}
    lines = [
        f"{each['number']:>5}  {each['count']:>5}  {wording.printable(each['name'])}" for each in document["groups"]
    ]
    return Said(document, lines or [desk.say("groups.none")])


def _group(desk: Desk, group: FormedGroup) -> dict[str, Any]:
    names = [each.concept.name(desk.language) for each in group.telling]
    return {
        "number": group.number,
        "name": desk.say("groups.join").join(names) if names else desk.say("groups.unnamed"),
        "count": len(group.members),
        "telling": [
            {"name": name, "is_word": each.is_word, "inside": each.inside, "everywhere": each.everywhere}
            for name, each in zip(names, group.telling, strict=True)
        ],
    }
