"""The front door: without a verb the window, with one the command line, with `--worker` one of our own workers."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from pathlib import Path


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit status. Qt is imported for the window alone."""
    words = list(sys.argv[1:] if words is None else words)
    if words[:1] == ["--worker"]:
        # A frozen program has no interpreter to start its workers with, so it starts itself.
        from media_assistant import worker

        worker.main()
        return 0
    is_window, library = _window_library(words)
    if is_window:
        return _open_window(library)
    from media_assistant.cli import main as command_line

    return command_line.main(words)


def _window_library(words: Sequence[str]) -> tuple[bool, Path | None]:
    """Whether nothing but a library is named: `media-assistant`, `media-assistant --library FILE`; and that library."""
    match list(words):
        case []:
            return True, None
        case ["--library", file] if not file.startswith("-"):
            return True, Path(file)
        case [word] if word.startswith("--library="):
            return True, Path(word.partition("=")[2])
        case _:
            return False, None


def _open_window(library: Path | None) -> int:
    from media_assistant import settings
    from media_assistant.paths import find_paths
    from media_assistant.ui.app import run_app

    # Hundreds of thousands of small objects come into being until the window is whole, and none of them goes: looking
    # for rubbish among them takes a tenth of the start. `ui.opening` switches it on again.
    gc.disable()
    paths = find_paths(library.expanduser().absolute() if library else None)
    return run_app(paths, settings.load(paths.config / "settings.json"))


if __name__ == "__main__":
    sys.exit(main())
