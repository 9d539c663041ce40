"""The verb `missing`: files that are not where they were, and the person's word on what became of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from media_assistant.cli.desk import Desk, Said, wait
from media_assistant.cli.wording import printable
from media_assistant.errors import UserFixable
from media_assistant.items.whereabouts import Found, Loss

Plain = dict[str, Any]


def missing(desk: Desk) -> Said:
    """See what is where it was. List the others; look for them in a folder; say that those of a folder are gone, or take them out of the library."""
    if not desk.assistant.library.is_read_only:
        desk.progress.show(desk.say("cli.checking"))
        wait(desk.assistant.relinking.check_all())
    match desk.asked.what:
        case "find":
            return _find(desk)
        case "gone":
            loss = _asked_about(desk)
            changes = wait(desk.assistant.relinking.accept_loss(loss.root))
            return Said({"marked": len(changes.changed)}, [desk.say("cli.marked_missing", count=len(changes.changed))])
        case "remove":
            loss = _asked_about(desk)
            if not desk.asked.yes:
                raise UserFixable("cli.needs_yes", count=loss.lost, total=loss.total, folder=loss.root)
            changes = wait(desk.assistant.relinking.remove_lost(loss.root))
            return Said({"removed": len(changes.removed)}, [desk.say("cli.removed", count=len(changes.removed))])
        case _:
            return _list(desk)


def _list(desk: Desk) -> Said:
    library = desk.assistant.library
    lost = library.lost_items()
    offline = {item.id for item in library.items([each.item_id for each in lost]) if item.is_offline}
    losses = desk.assistant.relinking.losses()
    document: Plain = {
        "missing": [{"item": each.item_id, "path": each.path, "offline": each.item_id in offline} for each in lost],
        "questions": [{"folder": loss.root, "lost": loss.lost, "total": loss.total} for loss in losses],
    }
    lines = [
        f"{each.item_id:>6}  {printable(each.path)}"
        + (f"  ({desk.say('cli.offline')})" if each.item_id in offline else "")
        for each in lost
    ]
    for loss in losses:
        total = str(loss.total)
        lines.append(desk.say("cli.question", count=loss.lost, total=total, folder=printable(loss.root)))
    return Said(document, lines or [desk.say("cli.nothing_missing")])


def _find(desk: Desk) -> Said:
    asked, relinking = desk.asked, desk.assistant.relinking

    def show(met: int) -> None:
        desk.progress.show(desk.say("cli.looking_in", folder=printable(str(asked.folder))), met, 0)

    proposal = wait(relinking.look_in_folder(_named(desk), show))
    if asked.yes and proposal.found:
        wait(relinking.relink(proposal.found, proposal.moved))
    document: Plain = {
        "looked_for": proposal.looked_for,
        "found": _documents(proposal.found),
        "likely": _documents(proposal.likely),
        "relinked": len(proposal.found) if asked.yes else 0,
    }
    lines = [
        desk.say(f"ui.missing.reason.{each.reason.value}", was=printable(each.was), name=printable(each.path))
        for each in (*proposal.found, *proposal.likely)
    ]
    code = "cli.relinked" if asked.yes else "cli.found_missing"
    lines.append(desk.say(code, count=len(proposal.found), total=str(proposal.looked_for)))
    return Said(document, lines)


def _documents(found: Sequence[Found]) -> list[Plain]:
    return [{"item": each.item_id, "was": each.was, "path": each.path, "reason": each.reason.value} for each in found]


def _named(desk: Desk) -> Path:
    return Path(os.path.expanduser(desk.asked.folder)).absolute()


def _asked_about(desk: Desk) -> Loss:
    """What the person is asked about in this folder. Raises UserFixable("cli.no_question")."""
    folder = str(_named(desk))
    found = next((loss for loss in desk.assistant.library.losses() if loss.root == folder), None)
    if found is None:
        raise UserFixable("cli.no_question", folder=folder)
    return found
