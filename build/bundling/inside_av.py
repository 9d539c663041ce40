"""What lies in PyAV's wheels besides PyAV, which says nothing of it: FFmpeg, and what FFmpeg was built with, on three systems."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from bundling.contents import Part

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TEXTS = {
    "LGPL-2": HERE / "licences" / "LGPL-2.1.txt",
    "LGPL-3": HERE / "licences" / "LGPL-3.0.txt",
    "BSD-2-Clause": HERE / "licences" / "BSD-2-Clause.txt",
    "BSD-3-Clause": HERE / "licences" / "BSD-3-Clause.txt",
    "MIT": HERE / "licences" / "MIT.txt",
    "Apache-2.0": ROOT / "LICENSE",
}
"""How a licence's name begins, and its text. That of the GPL is the bundle's own."""
DUAL = "LGPL-3.0-or-later OR GPL-2.0-or-later"


class Library(NamedTuple):
    """`sign`: how its files are called, with or without "lib", up to a version or a hash."""

    name: str
    licence: str
    source: str
    sign: str
    holder: str = ""
    """Where the text of the licence begins with whose work it is."""


LIBRARIES = (
    Library("FFmpeg", "GPL-3.0-or-later as built here, LGPL-2.1-or-later parts", "https://ffmpeg.org", r"av(codec|device|filter|format|util)|sw(resample|scale)|postproc"),
    Library("x264", "GPL-2.0-or-later", "https://www.videolan.org/developers/x264.html", r"x264"),
    Library("x265", "GPL-2.0-or-later", "https://bitbucket.org/multicoreware/x265_git", r"x265"),
    Library("LAME", "LGPL-2.0-or-later", "https://lame.sourceforge.io", r"mp3lame"),
    Library("libvpx", "BSD-3-Clause", "https://chromium.googlesource.com/webm/libvpx", r"vpx", "2010, The WebM Project authors"),
    Library("libwebp", "BSD-3-Clause", "https://chromium.googlesource.com/webm/libwebp", r"webp(mux|demux)?|sharpyuv", "2010, Google Inc."),
    Library("dav1d", "BSD-2-Clause", "https://code.videolan.org/videolan/dav1d", r"dav1d", "2018-2025, VideoLAN and dav1d authors"),
    Library("SVT-AV1", "BSD-3-Clause-Clear", "https://gitlab.com/AOMediaCodec/SVT-AV1", r"SvtAv1(Enc|Dec)", "2019, Alliance for Open Media"),
    Library("Opus", "BSD-3-Clause", "https://opus-codec.org", r"opus", "2001-2023, Xiph.Org, Skype Limited, Octasic, Jean-Marc Valin, Timothy B. Terriberry, CSIRO, Gregory Maxwell, Mark Borgerding, Erik de Castro Lopo, Mozilla, Amazon"),
    Library("opencore-amr", "Apache-2.0", "https://sourceforge.net/projects/opencore-amr", r"opencore-amr(nb|wb)"),
    Library("GnuTLS", "LGPL-2.1-or-later", "https://gnutls.org", r"gnutls"),
    Library("Nettle", DUAL, "https://www.lysator.liu.se/~nisse/nettle", r"nettle|hogweed"),
    Library("GMP", DUAL, "https://gmplib.org", r"gmp"),
    Library("libunistring", DUAL, "https://www.gnu.org/software/libunistring", r"unistring"),
    Library("libvpl", "MIT", "https://github.com/intel/libvpl", r"vpl", "Intel Corporation"),
    Library("libdrm", "MIT", "https://gitlab.freedesktop.org/mesa/drm", r"drm", "the authors of libdrm, among them Tungsten Graphics, Intel, Red Hat and AMD"),
    Library("ALSA", "LGPL-2.1-or-later", "https://www.alsa-project.org", r"asound"),
    Library("XCB and Xau", "MIT", "https://xcb.freedesktop.org", r"xcb(-shape|-shm|-xfixes)?|Xau", "2001-2006, Bart Massey, Jamey Sharp and Josh Triplett; of Xau 1988, 1993, 1994, 1998, The Open Group"),
    Library("libiconv", "LGPL-2.1-or-later", "https://www.gnu.org/software/libiconv", r"iconv"),
    Library("zlib", "Zlib", "https://zlib.net", r"z(lib)?1?"),
    Library("winpthreads", "MIT AND BSD-3-Clause", "https://www.mingw-w64.org", r"winpthread", "the mingw-w64 project; Lockless Inc."),
    Library("GCC's libraries", "GPL-3.0-or-later WITH GCC-exception-3.1", "https://gcc.gnu.org", r"gcc_s(_seh)?|stdc\+\+"),
)  # fmt: skip


def libraries_in(parts: Iterable[Part]) -> list[Library]:
    """Those that a file of PyAV's wheel in the bundle is of."""
    found = {_library(file) for file in _files(parts)}
    return [library for library in LIBRARIES if library in found]


def unknown_in(parts: Iterable[Part]) -> list[Path]:
    """Files of PyAV's wheel that are of none that is known here."""
    return sorted(file for file in _files(parts) if _library(file) is None)


def text_of(library: Library) -> str:
    """Where it comes from, and the texts of its licences."""
    named = [file for name, file in TEXTS.items() if re.search(rf"\b{re.escape(name)}(?!-Clear)", library.licence)]
    whose = library.holder or f"the makers of {library.name}"
    texts = [file.read_text("utf-8").replace("the makers of the model", whose) for file in named]
    return "\n\n".join([f"Source: {library.source}", *texts])


def _files(parts: Iterable[Part]) -> set[Path]:
    """What the tools that make wheels put beside PyAV's own modules: into `av.libs`, on macOS into `av/.dylibs`."""
    return {
        part.source
        for part in parts
        if part.source.parts[-2:-1] == ("av.libs",) or part.source.parts[-3:-1] == ("av", ".dylibs")
    }


def _library(file: Path) -> Library | None:
    for library in LIBRARIES:
        if re.match(rf"(lib)?({library.sign})(?![A-Za-z_])", file.name):
            return library
    return None
