"""A backup takes the place of the library, which is closed then."""

from __future__ import annotations

from pathlib import Path

from media_assistant.jobs.claim import claim_library
from media_assistant.library.backup import Backup, Progress, describe, list_backups
from media_assistant.library.putting_back import PutBack, look_at_backup, put_back
from media_assistant.paths import Paths
from media_assistant.workflows.previews import forget_previews, preview_file


def examine(backup: Path) -> Backup:
    """A backup that can be restored; reads all of it. Raises UserFixable with what is wrong with it."""
    return look_at_backup(backup)


def newest_backup(library: Path) -> Backup | None:
    """The one to begin with when the library cannot be opened any more."""
    found = list_backups(library)
    return describe(found[-1]) if found else None


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
    finally:
        claim.release()
    return done
