"""What people on Linux are handed: a Debian package, and an archive that needs no installing.

The package needs no scripts of its own: the system's triggers see to menus, icons and types of files.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from bundling import publisher

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
# What Qt asks the system for (a window, sound, fonts); a library's newer name after the bar. PyInstaller takes the rest along.
DEPENDS = (
    "libc6 (>= 2.36)",
    "libstdc++6 (>= 12)",
    "libgcc-s1",
    "libglib2.0-0 | libglib2.0-0t64",
    "libgl1",
    "libegl1",
    "libxkbcommon0",
    "libxkbcommon-x11-0",
    "libfontconfig1",
    "libdbus-1-3",
    "libpulse0",
    "libx11-6",
    "libx11-xcb1",
    "libxrandr2",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-keysyms1",
    "libxcb-shape0",
)
RECOMMENDS = ("fonts-noto-cjk", "fonts-dejavu-core", "libwayland-cursor0", "libwayland-egl1")
COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Media Assistant
Upstream-Contact: @NAME@ <@EMAIL@>
Source: @HOMEPAGE@
Comment: The bundle as a whole is passed on under the GPL, version 3 or later, for it holds x264 and x265 (inside PyAV).
 Every part of it with its licence: /usr/lib/media-assistant/NOTICES.txt

Files: *
Copyright: @NAME@, and those whom NOTICES.txt names
License: GPL-3.0-or-later
 The text is in /usr/share/common-licenses/GPL-3; that of the program's own source, Apache-2.0, is in
 /usr/share/common-licenses/Apache-2.0.
"""
MANUAL = """\
.TH MEDIA-ASSISTANT 1
.SH NAME
media-assistant \\- understands your own videos, music, texts and photos
.SH SYNOPSIS
.B media-assistant
.RI [ FILE ...]
.br
.B media-assistant
.I VERB
.RI [ ARGUMENT ...]
.SH DESCRIPTION
Without a verb the window opens, with the files in it. With one the same is done in the terminal.
.B media-assistant --help
names the verbs, and
.B media-assistant VERB --help
what each can do.
.SH FILES
The library is kept in
.IR "~/.local/share/Media Assistant" ,
settings in
.IR "~/.config/Media Assistant" .
.I ~/.cache/Media Assistant
may be deleted at any time.
"""


def control(version: str, installed_kb: int) -> str:
    """The package's fields."""
    who = publisher.read()
    fields = {
        "Package": "media-assistant",
        "Version": version,
        "Architecture": "amd64",
        "Maintainer": f"{who.name} <{who.email}>",
        "Installed-Size": str(installed_kb),
        "Depends": ", ".join(DEPENDS),
        "Recommends": ", ".join(RECOMMENDS),
        "Section": "video",
        "Priority": "optional",
        "Homepage": who.homepage,
        "Description": "understands your own videos, music, texts and photos\n"
        " Neural networks look, listen and read on your own computer: they tag what is in\n"
        " your files, write down what is said, and find the very moment that you mean.\n"
        " Your files are never changed, and nothing leaves the computer.",
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items())


def make_deb(dist: Path, icons: Path, out: Path, version: str, variant: str = "") -> Path:
    """`media-assistant_VERSION_amd64.deb` in `out` from the bundle in `dist`; `variant`, as `-cuda`, comes into its file's name."""
    tree = out / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    place = tree / "usr" / "lib" / "media-assistant"
    # Hard links: the bundle is large, and nothing here changes it but who may read it.
    shutil.copytree(dist, place, symlinks=True, copy_function=os.link)
    (tree / "usr" / "bin").mkdir(parents=True)
    (tree / "usr" / "bin" / "media-assistant").symlink_to("../lib/media-assistant/media-assistant")
    share = tree / "usr" / "share"
    for size in ICON_SIZES:
        folder = share / "icons" / "hicolor" / f"{size}x{size}" / "apps"
        folder.mkdir(parents=True)
        shutil.copy(icons / f"media-assistant-{size}.png", folder / "media-assistant.png")
    write_entries(share, version)
    write_documents(share, version)
    for each in tree.rglob("*"):
        if not each.is_symlink():
            each.chmod(0o755 if each.is_dir() or each == place / "media-assistant" else 0o644)
    files = [each for each in sorted(tree.rglob("*")) if each.is_file() and not each.is_symlink()]
    sums = [f"{hashlib.md5(each.read_bytes()).hexdigest()}  {each.relative_to(tree)}" for each in files]
    about_package = tree / "DEBIAN"
    about_package.mkdir()
    about_package.joinpath("md5sums").write_text("\n".join(sums) + "\n", "utf-8")
    size = sum(each.stat().st_size for each in files) // 1024
    about_package.joinpath("control").write_text(control(version, size), "utf-8")
    file = out / f"media-assistant{variant}_{version}_amd64.deb"
    pack = ["dpkg-deb", "-Zxz", "-z1", "--root-owner-group", "--build", str(tree), str(file)]
    subprocess.check_call(pack, stdout=subprocess.DEVNULL)
    shutil.rmtree(tree)
    return file


def write_documents(share: Path, version: str) -> None:
    """Licence, changes, the page of `man`, and what Debian's own checker is told of programs that bring all they need."""
    who = publisher.read()
    about = share / "doc" / "media-assistant"
    about.mkdir(parents=True)
    (about / "copyright").write_text(who.fill(COPYRIGHT), "utf-8")
    day = format_datetime(datetime.fromisoformat(released_on(version)).replace(tzinfo=UTC))
    changes = f"media-assistant ({version}) stable; urgency=medium\n\n  * See {who.homepage} for what is new.\n\n"
    changes += f" -- {who.name} <{who.email}>  {day}\n"
    pages = ((about / "changelog.gz", changes), (share / "man" / "man1" / "media-assistant.1.gz", MANUAL))
    for file, text in pages:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(gzip.compress(text.encode(), mtime=0))
    overrides = share / "lintian" / "overrides"
    overrides.mkdir(parents=True)
    shutil.copy(HERE / "linux" / "lintian-overrides", overrides / "media-assistant")


def write_entries(share: Path, version: str) -> None:
    """What menus and software centres read, into `share`. Raises SystemExit when their own tools find a fault in it."""
    who = publisher.read()
    entry = share / "applications" / "media-assistant.desktop"
    page = share / "metainfo" / f"{who.app_id}.metainfo.xml"
    for file, form in ((entry, "media-assistant.desktop"), (page, "media-assistant.metainfo.xml")):
        file.parent.mkdir(parents=True, exist_ok=True)
        text = who.fill((HERE / "linux" / form).read_text("utf-8"))
        file.write_text(text.replace("@VERSION@", version).replace("@DATE@", released_on(version)), "utf-8")
        file.chmod(0o644)
    validate(entry, page)


def released_on(version: str) -> str:
    """The day that the changelog gives this version, `## 1.2.3 (2026-01-31)`, or today."""
    said = re.search(
        rf"^## {re.escape(version)} .*?(\d{{4}}-\d\d-\d\d)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    return said[1] if said else f"{datetime.now(UTC):%Y-%m-%d}"


def validate(entry: Path, page: Path) -> None:
    """Ask the system's own tools, where they are there, and say so where they are not. Raises SystemExit for a fault."""
    for tool, words in (
        ("desktop-file-validate", ["--warn-kde", str(entry)]),
        ("appstreamcli", ["validate", "--no-net", str(page)]),
    ):
        if not shutil.which(tool):
            print(f"{tool} is not here: {words[-1]} was not validated", flush=True)
            continue
        done = subprocess.run([tool, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{tool} finds fault:\n{done.stdout}{done.stderr}")


def make_archive(dist: Path, out: Path, version: str, variant: str = "") -> Path:
    """The same folder as `.tar.xz`, to be unpacked anywhere. The quickest level: the last tenth of the size costs minutes."""
    file = out / f"media-assistant{variant}-{version}-linux-x86_64.tar.xz"
    pack = ["tar", "--owner=0", "--group=0", "-C", str(dist.parent), "-cJf", str(file), dist.name]
    subprocess.check_call(pack, env={**os.environ, "XZ_OPT": "-1 -T0"})
    return file
