"""The front door: without a verb the window, with one the command line, with `--worker` one of our own workers."""

from __future__ import annotations

import builtins
import gc
import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "NUMPY_MADVISE_HUGEPAGE": "0"}
"""Of this process, before anything loads NumPy. A second thread of its multiplications goes on spinning for long after
each, and takes the core that looks for what is near from the one that looks for words: half of the time of a search.

And NumPy asks for pages of two megabytes under its large arrays. Where such an array lay among what the heap holds, the wish
stays with that stretch of it: the system then fills every hole there, and what was given back is taken again, hour by hour.
"""


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit status. Qt is imported for the window alone."""
    if words is None:
        _speak_utf8()
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    words = list(sys.argv[1:] if words is None else words)
    # ONNX Runtime would report on itself, and keep a number for this computer, from the moment that it is imported.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    if words[:1] == ["--worker"]:
        # A frozen program has no interpreter to start its workers with, so it starts itself.
        from media_assistant import worker

        worker.main()
        return 0
    if words == ["--check-parts"]:
        from media_assistant.cli import completeness

        return completeness.main()
    is_window, library, paths = _window_wish(words)
    if is_window:
        return _open_window(library, paths)
    from media_assistant.cli import main as command_line

    return command_line.main(words)


def _speak_utf8() -> None:
    """Begin anew where Python would read names of files in an older encoding of the person's system: names would go into
    the library garbled, and be others in the next session.
    """
    if sys.getfilesystemencoding() != "utf-8" and not getattr(sys, "frozen", False):
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - itself again


def _window_wish(words: Sequence[str]) -> tuple[bool, Path | None, tuple[Path, ...]]:
    """Whether a window is meant: nothing but a library and files are named, `media-assistant [--library FILE] [FILE…]`.

    A bare word such as `list` is a verb, whatever lies in the folder; `./list` is a file. That one is gone is said by the
    command line; by the window where there is no terminal, as under Windows where a window's program is started by a click.
    """
    library: Path | None = None
    rest = list(words)
    match rest:
        case ["--library", file, *more] if not file.startswith("-"):
            library, rest = Path(file), more
        case [word, *more] if word.startswith("--library="):
            library, rest = Path(word.partition("=")[2]), more
    files = [word for word in rest if any(sign in word for sign in (os.sep, "/", ".")) and not word.startswith("-")]
    is_without_terminal = sys.platform == "win32" and sys.stderr is None
    is_window = files == rest and (is_without_terminal or all(os.path.exists(word) for word in rest))
    if library is not None:
        library = Path(os.path.expanduser(library))
        is_window &= not str(library).startswith("~")  # a home that nobody has: the command line says so
    return is_window, library, tuple(Path(os.path.abspath(word)) for word in files) if is_window else ()


def _open_window(library: Path | None, files: tuple[Path, ...]) -> int:
    # Hundreds of thousands of small objects come into being until the window is whole, and none of them goes: looking
    # for rubbish among them takes a tenth of the start. `ui.startup.rubbish` does it from then on.
    gc.disable()
    import_qt()
    from media_assistant import settings
    from media_assistant.paths import find_paths
    from media_assistant.ui.startup.app import run_app
    from media_assistant.ui.startup.single import Wish

    named = library.absolute() if library else None
    paths = find_paths(named)
    kept = settings.load(paths.config / "settings.json")
    if named is None and kept.recent_libraries and os.path.exists(kept.recent_libraries[0]):
        # Where the person left off.
        paths = find_paths(Path(kept.recent_libraries[0]))
    return run_app(paths, kept, wish=Wish(files, named))


def import_qt() -> None:
    """Import Qt without two things that PySide does for those who want them, each a tenth of the start.

    It reads through the source of each module that is imported after it, to learn whether that asks for other names of
    methods (`from __feature__ import …`). None of ours does: imports go on as Python itself does them. And it compiles,
    each time anew, the two modules that write its type stubs: here they are found empty.
    """
    plain = builtins.__import__

    def find(
        name: str,
        globals: Mapping[str, object] | None = None,  # noqa: A002
        locals: Mapping[str, object] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        if fromlist in (("pyi_generator",), ("enum_sig",)):
            stub = f"{name}.{fromlist[0]}"
            sys.modules[stub] = ModuleType(stub)
            sys.modules[stub].__spec__ = ModuleSpec(stub, None)
        return plain(name, globals, locals, fromlist or (), level)

    builtins.__import__ = find
    importlib.import_module("PySide6.QtWidgets")
    builtins.__import__ = plain


if __name__ == "__main__":
    sys.exit(main())
