"""What people on Linux are handed: a Debian package, and an archive that needs no installing.

The package needs no scripts of its own: the system's triggers see to menus, icons and types of files.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
ID = "io.github.media_assistant.MediaAssistant"
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
# What Qt asks the system for (a window, sound, fonts); a library's newer name after the bar. PyInstaller takes the rest along.
DEPENDS = (
    "libc6 (>= 2.36)",
    "libstdc++6",
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


def control(version: str, installed_kb: int) -> str:
    """The package's fields."""
    fields = {
        "Package": "media-assistant",
        "Version": version,
        "Architecture": "amd64",
        "Maintainer": "Media Assistant developers <media-assistant@users.noreply.github.com>",
        "Installed-Size": str(installed_kb),
        "Depends": ", ".join(DEPENDS),
        "Recommends": ", ".join(RECOMMENDS),
        "Section": "video",
        "Priority": "optional",
        "Homepage": "https://github.com/media-assistant/media-assistant",
        "Description": "understands your own videos, music, texts and photos\n"
        " Neural networks look, listen and read on your own computer: they tag what is in\n"
        " your files, write down what is said, and find the very moment that you mean.\n"
        " Your files are never changed, and nothing leaves the computer.",
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items())


def make_deb(dist: Path, icons: Path, out: Path, version: str) -> Path:
    """`media-assistant_VERSION_amd64.deb` in `out` from the bundle in `dist`."""
    tree = out / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    place = tree / "usr" / "lib" / "media-assistant"
    # Hard links: the bundle is large, and nothing here changes it.
    shutil.copytree(dist, place, symlinks=True, copy_function=os.link)
    (tree / "usr" / "bin").mkdir(parents=True)
    (tree / "usr" / "bin" / "media-assistant").symlink_to("../lib/media-assistant/media-assistant")
    share = tree / "usr" / "share"
    for size in ICON_SIZES:
        folder = share / "icons" / "hicolor" / f"{size}x{size}" / "apps"
        folder.mkdir(parents=True)
        shutil.copy(icons / f"media-assistant-{size}.png", folder / "media-assistant.png")
    for folder, name in (("applications", f"{ID}.desktop"), ("metainfo", f"{ID}.metainfo.xml")):
        (share / folder).mkdir()
        text = (HERE / "linux" / name).read_text("utf-8")
        text = text.replace("@VERSION@", version).replace("@DATE@", f"{datetime.now(UTC):%Y-%m-%d}")
        (share / folder / name).write_text(text, "utf-8")
    about = share / "doc" / "media-assistant"
    about.mkdir(parents=True)
    about.joinpath("copyright").write_text(
        "Media Assistant: Apache-2.0. The bundle as a whole: GPL-3.0-or-later, for x264 and x265 inside PyAV.\n"
        "Every part with its licence: /usr/lib/media-assistant/NOTICES.txt\n",
        "utf-8",
    )
    for folder in (each for each in tree.rglob("*") if each.is_dir()):
        folder.chmod(0o755)
    files = [each for each in sorted(tree.rglob("*")) if each.is_file() and not each.is_symlink()]
    sums = [f"{hashlib.md5(each.read_bytes()).hexdigest()}  {each.relative_to(tree)}" for each in files]
    about_package = tree / "DEBIAN"
    about_package.mkdir()
    about_package.joinpath("md5sums").write_text("\n".join(sums) + "\n", "utf-8")
    size = sum(each.stat().st_size for each in files) // 1024
    about_package.joinpath("control").write_text(control(version, size), "utf-8")
    file = out / f"media-assistant_{version}_amd64.deb"
    pack = ["dpkg-deb", "-Zxz", "-z1", "--root-owner-group", "--build", str(tree), str(file)]
    subprocess.check_call(pack, stdout=subprocess.DEVNULL)
    shutil.rmtree(tree)
    return file


def make_archive(dist: Path, out: Path, version: str) -> Path:
    """The same folder as `.tar.xz`, to be unpacked anywhere. The quickest level: the last tenth of the size costs minutes."""
    file = out / f"media-assistant-{version}-linux-x86_64.tar.xz"
    pack = ["tar", "--owner=0", "--group=0", "-C", str(dist.parent), "-cJf", str(file), dist.name]
    subprocess.check_call(pack, env={**os.environ, "XZ_OPT": "-1 -T0"})
    return file
