"""Which of the files that PyInstaller would take come into the bundle. `program.spec` asks it for each."""

from __future__ import annotations

import re
import sys

# Qt beyond what the window uses: PDF pages, on-screen keyboards. Its player is linked against markup windows, unused as they are.
NOT_OF_QT = ("Qt6Pdf", "Qt6VirtualKeyboard", "Qt6OpenGLWidgets", "Qt6Labs")
# What only GTK's looks need, which the window does not wear. And what every Linux has, as new or newer: a graphics driver that is
# newer than this system asks for its own.
NOT_OF_SYSTEM = ("libatk-", "libcairo", "libgdk_pixbuf", "libpango", "libpixman", "libdatrie", "libthai", "libfribidi",
                 "libstdc++.so", "libgcc_s.so")  # fmt: skip
# Part of every Windows 10, which uses its own whatever lies beside a program. PyInstaller takes them from any folder of the PATH.
NOT_OF_WINDOWS = re.compile(r"(?:.*/)?(?:api-ms-win-[^/]*|ucrtbase)\.dll", re.IGNORECASE)
NOT_PLUGINS = ("/platforminputcontexts/libqtvirtualkeyboard", "/imageformats/libqpdf", "/egldeviceintegrations/", "/qmltooling/",
               "/platforms/libqeglfs", "/platforms/libqlinuxfb", "/platforms/libqminimal", "/platforms/libqvnc",
               "/platforms/libqvkkhrdisplay", "/networkinformation/", "/generic/", "/platformthemes/libqgtk3", "/Qt/qml/")  # fmt: skip
# Of Qt's own words those that the window asks for, `media_assistant.ui.qt_words`: English needs none.
OF_QTS_WORDS = ("qtbase_zh_CN.qm",)


def is_wanted(name: str, platform: str = sys.platform) -> bool:
    """Whether the file of this name in the bundle, with slashes, is needed in it."""
    if platform == "win32" and NOT_OF_WINDOWS.fullmatch(name):
        return False
    if "PySide6" in name and "/translations/" in name:
        return name.endswith(OF_QTS_WORDS)
    if "PySide6" in name or "Qt6" in name:
        return not (any(part in name for part in NOT_OF_QT) or any(part in name for part in NOT_PLUGINS))
    if name.startswith(NOT_OF_SYSTEM):
        return False
    return not ("jieba/lac_small" in name or "/tests/" in name or "resources/screenshots" in name)
