"""The verb `export`, and what `restore` does with an export."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from media_assistant.cli.desk import Desk, Said, wait
from media_assistant.cli.progress import ProgressLine
from media_assistant.cli.wording import printable
from media_assistant.errors import UserFixable

if TYPE_CHECKING:
    from media_assistant.paths import Paths

Say = Callable[..., str]


def export(desk: Desk) -> Said:
    """The whole library in open formats; also while another program has it open."""

    def show(done: int, total: int) -> None:
        desk.progress.show(desk.say("cli.exporting"), done, total)

    told = wait(desk.assistant.exports.export(desk.asked.folder, show))
    document = {
        "folder": str(told.folder),
        "items": told.items,
        "lines": told.lines,
        "sidecars": told.sidecars,
        "nameless": told.nameless,
    }
    lines = [desk.say("cli.exported", count=told.items, folder=printable(str(told.folder)))]
    if told.nameless:
        lines.append(desk.say("cli.nameless", count=told.nameless))
    return Said(document, lines)


def rebuild(paths: Paths, path: Path, progress: ProgressLine, say: Say) -> Said:
    """A library from an export, where there is none yet."""
    from media_assistant.workflows.keeping.rebuilding import rebuild_library

    if not os.path.exists(path):
        raise UserFixable("cli.no_such_path", path=str(path))

    def show(done: int, total: int) -> None:
        progress.show(say("cli.rebuilding"), done, total)

    told = rebuild_library(path, paths, progress=show)
    document = {"library": str(told.library), "items": told.items, "missing": told.missing, "found": told.found}
    lines = [say("cli.rebuilt", count=told.items, library=printable(str(told.library)))]
    if told.missing:
        lines.append(say("cli.rebuilt_missing", count=told.missing))
    return Said(document, lines)
