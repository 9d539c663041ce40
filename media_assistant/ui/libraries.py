"""Asking a person for a library file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

ENDING = ".sqlite"


def ask_for_library(
    window: QWidget, title: str, folder: Path, take: Callable[[Path], object], *, is_new: bool
) -> QFileDialog:
    """A dialog for an existing library or a new one; `take` is called with the file that was chosen."""
    dialog = QFileDialog(window, title, str(folder))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setNameFilter(f"*{ENDING}")
    dialog.setDefaultSuffix(ENDING[1:])
    if is_new:
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        # An existing library is simply opened: nothing is ever written over.
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
    else:
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(lambda file: take(Path(file)))
    dialog.open()
    return dialog


def ask_for_backup(window: QWidget, title: str, folder: Path, take: Callable[[Path], object]) -> QFileDialog:
    """A dialog for a backup that is to be restored, wherever it lies."""
    return ask_for_library(window, title, folder, take, is_new=False)
