"""What is in a bundle: which file came from where, by PyInstaller's own account of its work, and how large each part is."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import NamedTuple


class Part(NamedTuple):
    """One file of the bundle, or one module in its archive."""

    name: str
    source: Path


def read_account(work: Path) -> list[Part]:
    """Everything that went into the bundle. `work` is PyInstaller's folder with its `COLLECT-*.toc` and `PYZ-*.toc`."""
    parts: list[Part] = []
    for file in (*sorted(work.glob("COLLECT-*.toc")), *sorted(work.glob("PYZ-*.toc"))):
        _gather(ast.literal_eval(file.read_text("utf-8")), parts)
    return parts


def _gather(value: object, parts: list[Part]) -> None:
    match value:
        case (str(name), str(source), str(kind)) if kind.isupper() and kind != "OPTION" and source not in ("", "-"):
            parts.append(Part(name, Path(source)))
        case list() | tuple():
            for each in value:
                _gather(each, parts)


def sizes_by_part(folder: Path) -> list[tuple[str, int]]:
    """Bytes of each package, library folder and program of a finished bundle, largest first."""
    sizes: Counter[str] = Counter()
    inside = folder / "_internal"
    for file in folder.rglob("*"):
        if file.is_symlink() or not file.is_file():
            continue
        place = file.relative_to(inside if inside in file.parents else folder)
        first = place.parts[0]
        if len(place.parts) == 1 and inside in file.parents:
            first = "libraries of the system and of Python"
        sizes[first.removesuffix(".libs")] += file.stat().st_size
    return sizes.most_common()


def tell_sizes(folder: Path) -> str:
    """The same as lines; what is smaller than a megabyte is summed up."""
    sizes = sizes_by_part(folder)
    small = sum(size for _, size in sizes if size < 1_000_000)
    lines = [f"{size / 1e6:8.1f} MB  {name}" for name, size in sizes if size >= 1_000_000]
    return "\n".join(
        [*lines, f"{small / 1e6:8.1f} MB  the rest", f"{sum(size for _, size in sizes) / 1e6:8.1f} MB  all"]
    )


def missing_libraries(folder: Path) -> list[str]:
    """On Linux: "LIBRARY for FILE" for each that a file of the bundle needs by name and that is in the bundle under none of its
    places, unless the loader finds it in the system. What was trimmed too far shows here, and not when a film is played.
    """
    present = {file.name for file in folder.rglob("*.so*")}
    known = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=False).stdout
    found = []
    for file in sorted(folder.rglob("*.so*")):
        if file.is_symlink():
            continue
        said = subprocess.run(["readelf", "-d", str(file)], capture_output=True, text=True, check=False).stdout
        needed = re.findall(r"\(NEEDED\).*\[(.+?)\]", said)
        found += [f"{name} for {file.name}" for name in needed if name not in present and f"\t{name} " not in known]
    return found
