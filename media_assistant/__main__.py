"""The front door: without a verb the window, with one the command line, with `--worker` one of our own workers."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit status. Qt is imported for the window alone."""
    words = list(sys.argv[1:] if words is None else words)
    if words[:1] == ["--worker"]:
        # A frozen program has no interpreter to start its workers with, so it starts itself.
        from media_assistant import worker

        worker.main()
        return 0
    if _wants_window(words):
        from media_assistant.ui.app import run

        return run(words)
    from media_assistant.cli import main as command_line

    return command_line.main(words)


def _wants_window(words: Sequence[str]) -> bool:
    """Whether there is neither a verb nor a question for help: `media-assistant`, `media-assistant --library FILE`."""
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--library" and rest:
            rest.pop(0)
        elif not word.startswith("--library="):
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
