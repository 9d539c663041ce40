"""What a person brings in: files and folders come into the library, folders are looked after, playlists become collections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from media_assistant.items.answers import ImportReport
from media_assistant.items.changes import LibraryChanges
from media_assistant.library.library import Library
from media_assistant.workflows.importing import ImportProgress, Plan, import_paths
from media_assistant.workflows.looking import adopt
from media_assistant.workflows.playlists import collect_playlists


def bring_in(
    library: Library,
    paths: Sequence[Path],
    plan: Plan | None,
    tell: Callable[[LibraryChanges], None],
    progress: Callable[[ImportProgress], None] | None = None,
    should_stop: Callable[[], bool] = bool,
) -> ImportReport:
    """As `import_paths`, for what a person named."""
    tell(adopt(library, paths))
    report = import_paths(library, paths, plan=plan, tell=tell, progress=progress, should_stop=should_stop)
    tell(collect_playlists(library, paths))
    return report
