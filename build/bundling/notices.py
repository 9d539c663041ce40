"""Whose work is in a bundle, from what is really in it: packages, libraries of the system, Qt, FFmpeg, Python, and models."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

from bundling import inside_av
from bundling.contents import Part

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))

from media_assistant.workflows.notices import Notice, model_notices, package_notice, vocabulary_notice  # noqa: E402

WHOLE = """\
Media Assistant itself is under the Apache License 2.0. This bundle also holds FFmpeg built with the encoders x264 and x265
(they come inside PyAV), which are under the GNU General Public License, version 2 or later. The bundle as a whole can
therefore be passed on under the GNU General Public License, version 3, with which the Apache License 2.0 is compatible; the
text is below. The program's own source stays under the Apache License 2.0. The sources of all parts are at the addresses
that are named with them; whoever passes this bundle on owes them to those who receive it.
"""
QT = """\
Qt and Qt for Python (PySide6, Shiboken) are under the GNU Lesser General Public License, version 3. They lie beside the
program as shared libraries that you may replace by your own builds of them. Sources: https://download.qt.io/official_releases/
"""
MICROSOFT = """\
Files of Microsoft's runtime for C and C++, passed on unchanged, as the licence of Microsoft Visual Studio allows for programs that
need them ("Distributable Code"): https://learn.microsoft.com/visualstudio/releases/2022/redistribution
"""
OF_MICROSOFT = re.compile(r"(vcruntime|msvcp|concrt|vccorlib|vcomp|vcamp)140\w*\.dll", re.IGNORECASE)
"""Every installed program may bring them along, so PyInstaller finds them in any folder of the PATH."""
SEE = "see the text"
TOOLS = frozenset({"pip", "setuptools", "altgraph", "pefile", "macholib", "pywin32-ctypes"})


def collect(parts: Sequence[Part], packages: Path, library: Path) -> list[Notice]:
    """Notices of everything that `parts` came from. `packages` is the environment's site-packages, `library` Python's own."""
    found = [Notice("This bundle as a whole", "", "GPL-3.0-or-later", f"{WHOLE}\n{_text('GPL-3.0')}")]
    licence = library / "LICENSE.txt"
    text = licence.read_text("utf-8", "replace") if licence.is_file() else "https://docs.python.org/3/license.html"
    found.append(Notice("Python", sys.version.split()[0], "PSF-2.0", text))
    lgpl = f"{QT}\n{_text('LGPL-3.0')}"
    for one in bundled_packages(parts, packages):
        notice = package_notice(one)
        if notice.name.lower().startswith(("pyside6", "shiboken6")):
            notice = Notice(f"Qt: {notice.name}", notice.version, "LGPL-3.0-only", lgpl)
        elif notice.name.lower() == "pyinstaller":
            notice = Notice("PyInstaller's starter", notice.version, "GPL-2.0-or-later with an exception", notice.text)
        found.append(notice)
    found += [
        Notice(f"{library.name} (in PyAV)", "", library.licence, inside_av.text_of(library))
        for library in inside_av.libraries_in(parts)
    ]
    if any(OF_MICROSOFT.fullmatch(part.source.name) for part in parts):
        found.append(
            Notice("Microsoft Visual C++ runtime", "", "Microsoft Visual Studio, Distributable Code", MICROSOFT)
        )
    found += system_libraries(part.source for part in parts if packages not in part.source.parents)
    return [*found, vocabulary_notice(), *model_notices(ROOT / "models")]


def bundled_packages(parts: Sequence[Part], packages: Path) -> list[metadata.Distribution]:
    """The distributions that at least one file came from, by name; and PyInstaller, whose starter is the program's file."""
    taken = {part.source for part in parts if packages in part.source.parents}
    found = {}
    for one in metadata.distributions(path=[str(packages)]):
        name = one.metadata["Name"].lower()
        is_taken = any(packages / str(file) in taken for file in one.files or ())
        if (is_taken and name not in TOOLS) or name == "pyinstaller":
            found[name] = one
    return [found[name] for name in sorted(found)]


def system_libraries(sources: Iterable[Path]) -> list[Notice]:
    """What Debian's packages say of the shared libraries that were taken from the system; nothing elsewhere."""
    found = []
    for package in sorted(set(_owners(file for file in sources if ".so" in file.name).values())):
        about = Path("/usr/share/doc") / package / "copyright"
        text = about.read_text("utf-8", "replace") if about.is_file() else ""
        said = sorted(set(re.findall(r"^License: *(\S.*)$", text, re.MULTILINE)))
        found.append(Notice(f"{package} (Debian)", "", ", ".join(said)[:120] or (SEE if text else ""), text))
    return found


def unowned(parts: Iterable[Part], known: Sequence[Path]) -> list[Path]:
    """Files that came neither from one of the folders whose licence is known nor from a package of the system, and are not
    Microsoft's.
    """
    strange = {part.source for part in parts if part.source.is_absolute()}
    strange = {file for file in strange if not OF_MICROSOFT.fullmatch(file.name)}
    strange = {file for file in strange if not any(file.is_relative_to(folder) for folder in known)}
    return sorted(strange - _owners(strange).keys())


def _owners(files: Iterable[Path]) -> dict[Path, str]:
    """Debian's package of each file that it has one for. /lib is part of /usr, and Debian knows a file by either place."""
    asked: dict[str, Path] = {}
    for file in files:
        short = str(file).removeprefix("/usr")
        asked |= {short: file, f"/usr{short}": file}
    if not asked or not shutil.which("dpkg-query"):
        return {}
    done = subprocess.run(["dpkg-query", "-S", *sorted(asked)], capture_output=True, text=True, check=False)
    said = [line.rpartition(": ") for line in done.stdout.splitlines()]
    return {asked[place]: owner.partition(":")[0] for owner, _, place in said if place in asked}


def write(found: Sequence[Notice], for_program: Path, for_people: Path) -> None:
    """The same twice: as JSON for the about page, and as one text."""
    for_program.write_text(json.dumps([asdict(one) for one in found], ensure_ascii=False), "utf-8")
    rule = "─" * 78
    pages = [f"{rule}\n{one.name} {one.version}\n{one.licence}\n{rule}\n\n{one.text}\n" for one in found]
    for_people.write_text("\n".join(pages), "utf-8")


def undeclared(found: Sequence[Notice]) -> list[str]:
    """Names of what says nothing of its licence, neither its name nor its text."""
    return [one.name for one in found if one.licence.strip().lower() in ("", "unknown") and not one.text.strip()]


def _text(name: str) -> str:
    return (HERE / "licences" / f"{name}.txt").read_text("utf-8")
