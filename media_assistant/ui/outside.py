"""What the system's own programs open: files, and folders in the file manager."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QProcess, QProcessEnvironment, QUrl
from PySide6.QtGui import QDesktopServices


def open_outside(path: str | Path) -> None:
    """Open a file or a folder with the program that the system has for it."""
    # Nothing of it before the first picture, which waits for whatever is imported.
    import shutil

    from media_assistant.jobs.outside import environment_outside

    url = QUrl.fromLocalFile(str(path))
    opener = shutil.which("xdg-open") if getattr(sys, "frozen", False) and sys.platform.startswith("linux") else None
    if opener is None:
        QDesktopServices.openUrl(url)
        return
    # As Qt would do it, but for the libraries that its child would take from us.
    environment = QProcessEnvironment()
    for name, value in environment_outside().items():
        environment.insert(name, value)
    process = QProcess()
    process.setProgram(opener)
    process.setArguments([bytes(url.toEncoded().data()).decode("ascii")])
    process.setProcessEnvironment(environment)
    process.startDetached()
