"""The verbs that keep a library safe: out in open formats, and back again."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from media_assistant.cli.progress import ProgressLine
from media_assistant.cli.verbs import Desk, Said, Verb, wait
from media_assistant.errors import UserFixable
from media_assistant.paths import Paths

if TYPE_CHECKING:
    from media_assistant.workflows.exporting import Exported
    from media_assistant.workflows.rebuilding import Rebuilt


@dataclass(frozen=True, slots=True)
class ClosedDesk:
    """What a verb works with that puts a library in its place: nobody may have it open meanwhile, we neither."""

    paths: Paths
    asked: argparse.Namespace
    progress: ProgressLine
    say: Callable[..., str]


def export(desk: Desk) -> Said:
    """The whole library in open formats."""

    def show(done: int, total: int) -> None:
        desk.progress.show(desk.say("cli.exporting.lines"), done, total)

    told: Exported = wait(desk.assistant.exports.export(desk.asked.folder, show))
    document = {
        "folder": str(told.folder),
        "items": told.items,
        "lines": told.lines,
        "sidecars": told.sidecars,
        "nameless": told.nameless,
    }
    lines = [desk.say("cli.exported", count=told.items, folder=str(told.folder))]
    if told.nameless:
        lines.append(desk.say("cli.nameless", count=told.nameless))
    return Said(document, lines)


def restore(desk: ClosedDesk) -> Said:
    """A library again from what was kept of it; what that is decides how."""
    path = desk.asked.path
    if not path.exists():
        raise UserFixable("cli.no_such_path", path=str(path))
    return _rebuild(desk)


def _rebuild(desk: ClosedDesk) -> Said:
    from media_assistant.workflows.rebuilding import rebuild_library

    def show(done: int, total: int) -> None:
        desk.progress.show(desk.say("cli.exporting.rebuilding"), done, total)

    told: Rebuilt = rebuild_library(desk.asked.path, desk.paths, progress=show)
    document = {"library": str(told.library), "items": told.items, "missing": told.missing, "found": told.found}
    lines = [desk.say("cli.rebuilt", count=told.items, library=str(told.library))]
    if told.missing:
        lines.append(desk.say("cli.rebuilt_missing", count=told.missing))
    return Said(document, lines)


KEEPING_VERBS: dict[str, Verb] = {"export": Verb(export)}
"""More of `verbs.VERBS`."""

CLOSED_VERBS: dict[str, Callable[[ClosedDesk], Said]] = {"restore": restore}
"""Those that work on a library that nobody has open."""
