"""What helps somebody else to help: versions, the computer, the last lines of the logs, and no names of a person's own."""

from __future__ import annotations

import os
import platform
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import psutil

from media_assistant.jobs.confinement import look
from media_assistant.paths import Paths

PACKAGES = ("PySide6-Essentials", "onnxruntime", "faster-whisper", "ctranslate2", "av", "numpy", "Pillow")
LAST_LINES = 120
_LONGEST_LINE = 400
# A path is left out to the end of its line: nobody knows where a name ends that may hold blanks and commas.
_PATH = re.compile(r"(?:file://)?(?:[A-Za-z]:[\\/]|\\\\|(?<!\w)/(?=[^\s/][^/]*/)|~/).*")
# As Python quotes: with a stroke before a quote of the same kind.
_QUOTED = re.compile(r"'(?:[^'\\]|\\.){2,}'|\"(?:[^\"\\]|\\.){2,}\"|“[^”]*”")
_OURS = re.compile(r'File "[^"\n]*[\\/](media_assistant|site-packages|lib[\\/]python[\d.]+)[\\/]([^"\n]*)"')


def make_report(paths: Paths, *, with_names: bool) -> str:
    """The report as text. Without `with_names` every path and everything in quotes is left out of the logs.

    Reads a few files: not for the window's thread.
    """
    facts = [
        f"Media Assistant {version()}",
        f"Python {platform.python_version()}, {platform.platform()}, {platform.machine()}",
        f"{os.cpu_count()} cores, {psutil.virtual_memory().total // 2**20} MB memory",
        package_versions(),
        _walls(),
        "frozen" if getattr(sys, "frozen", False) else "from source",
    ]
    if with_names:
        facts.append(f"library {paths.library}")
    parts = ["\n".join(facts)]
    for file in sorted(paths.logs.glob("*.log")) if paths.logs.is_dir() else ():
        lines = last_lines(file)
        if lines:
            kept = lines if with_names else [scrub(line) for line in lines]
            parts.append("\n".join((f"--- {file.name}", *kept)))
    return "\n\n".join(parts) + "\n"


def keep_report(logs: Path, text: str) -> str:
    """Write down what a person can send us of a fault of ours; gives the file. Where the folder of logs cannot be written
    it lies in the system's folder for such things; `-` where none can.
    """
    name = f"report-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    for file in (logs / name, Path(tempfile.gettempdir()) / f"media-assistant-{name}"):
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8", "backslashreplace")
            return str(file)
    return "-"


def kept_reports(logs: Path) -> Iterator[Path]:
    """Those that are still there, for whoever forgets what a person did; in the system's folder only this person's."""
    yield from logs.glob("report-*.txt")
    for file in Path(tempfile.gettempdir()).glob("media-assistant-report-*.txt"):
        with suppress(OSError):
            if sys.platform == "win32" or file.lstat().st_uid == os.getuid():
                yield file


def version() -> str:
    """The program's own."""
    return _version_of("media-assistant") or "0"


def package_versions() -> str:
    """Those of the packages that look, listen and decode, as far as they are here."""
    return ", ".join(f"{name} {found}" for name in PACKAGES if (found := _version_of(name)))


def last_lines(file: Path, count: int = LAST_LINES) -> list[str]:
    """The end of a log; empty when it cannot be read."""
    try:
        with file.open("rb") as opened:
            opened.seek(0, os.SEEK_END)
            start = opened.seek(max(0, opened.tell() - count * _LONGEST_LINE))
            text = opened.read().decode("utf-8", "replace")
    except OSError:
        return []
    # No other mark ends a line: names hold what `splitlines` takes for an end, and the rest of one would stand alone, as
    # would that of a line in whose midst the reading began.
    lines = text.removesuffix("\n").split("\n")[bool(start) :] if text else []
    return [line.removesuffix("\r")[:_LONGEST_LINE] for line in lines[-count:]]


def scrub(line: str) -> str:
    """A line of a log without anybody's paths and without what stands in quotes; our own modules stay."""
    kept = _OURS.sub(lambda found: f"File {found[1]}/{found[2]}".replace("\\", "/"), line)
    for name in _own_names():
        kept = kept.replace(name, "<home>")
    return _PATH.sub("<path>", _QUOTED.sub("<name>", kept))


def _walls() -> str:
    """What keeps a hostile file in its worker here."""
    walls = look()
    network, files = (
        f"not refused ({why})" if why else "refused by the system" for why in (walls.network, walls.files)
    )
    return f"workers: network {network}, writing elsewhere {files}"


def _own_names() -> Iterable[str]:
    home = str(Path.home())
    return (home,) if len(home) > 3 else ()


def _version_of(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
