"""What a person brings in: files and folders come into the library, folders are looked after, playlists become collections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from media_assistant.items.answers import ImportReport
from media_assistant.items.changes import LibraryChanges
from media_assistant.library.library import Library, OpenStep
from media_assistant.workflows.intake.importing import ImportProgress, Plan, import_paths
from media_assistant.workflows.intake.looking import adopt
from media_assistant.workflows.intake.playlists import collect_playlists


def bring_in(
    library: Library,
    paths: Sequence[Path],
    plan: Plan | None,
    tell: Callable[[LibraryChanges], None],
    progress: Callable[[ImportProgress], None] | None = None,
    should_stop: Callable[[], bool] = bool,
) -> ImportReport:
    """As `import_paths`, for what a person named. All that comes of it is one step of undo.

    What is undone while files still come in stays out, and the rest of them does not come.
    """
    step = OpenStep("import")

    def should_end() -> bool:
        return should_stop() or step.is_over

    tell(adopt(library, paths, step))
    report = import_paths(library, paths, plan=plan, tell=tell, progress=progress, should_stop=should_end, into=step)
    if not should_end():
        tell(collect_playlists(library, paths, step))
    return replace(report, step=step.step)
