"""A backup takes the place of the library, which is closed then."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from media_assistant.jobs.claim import claim_library
from media_assistant.library.backup import Backup, describe, list_backups, list_restore_points, read_counts
from media_assistant.library.lean_copy import Progress
from media_assistant.library.putting_back import PutBack, look_at_backup, put_back
from media_assistant.paths import Paths
from media_assistant.workflows.understanding.previews import forget_previews, preview_file


def examine(backup: Path) -> Backup:
    """A backup that can be restored; reads all of it. Raises UserFixable with what is wrong with it."""
    return look_at_backup(backup)


def recent_backups(library: Path, most: int) -> list[Backup]:
    """Those to begin with when the library cannot be opened any more, the newest first."""
    found: list[Backup] = []
    for file in (*list_backups(library), *list_restore_points(library)):
        with suppress(OSError):
            found.append(describe(file))
    newest = sorted(found, key=lambda each: each.made_at, reverse=True)[:most]
    return [replace(each, counts=read_counts(each.file)) for each in newest]


def restore_backup(paths: Paths, backup: Path, progress: Progress | None = None) -> PutBack:
    """A backup, or any other library, in the place of the one at `paths`, after a restore point of that.

    Nothing is changed unless all of it worked. Raises UserFixable as `library.putting_back` does, and
    `jobs.library_in_use` while a program has the library open.
    """
    claim = claim_library(paths.library)
    try:
        done = put_back(
            backup,
            paths.library,
            has_preview=lambda item_id: preview_file(paths.previews, item_id, "thumbnail") is not None,
            progress=progress,
        )
        forget_previews(paths.previews, done.changed)
        # They would be found to be of another library and made anew; so nobody has to look.
        shutil.rmtree(paths.matrices, ignore_errors=True)
    finally:
        claim.release()
    return done
