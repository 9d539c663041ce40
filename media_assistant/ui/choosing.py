"""Files and folders are asked for where a person keeps theirs, not where the program happened to be started."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

_PLACES = (
    QStandardPaths.StandardLocation.MoviesLocation,
    QStandardPaths.StandardLocation.PicturesLocation,
    QStandardPaths.StandardLocation.HomeLocation,
)


def choose_paths(owner: QWidget, title: str, take: Callable[[list[Path]], object], *, is_folder: bool = False) -> None:
    """Ask for files, or for one folder, beside the work. `take` is not called when the person thinks better of it."""
    dialog = QFileDialog(owner, title, _start(owner))
    dialog.setFileMode(QFileDialog.FileMode.Directory if is_folder else QFileDialog.FileMode.ExistingFiles)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def chosen(names: Sequence[str]) -> None:
        paths = [Path(name) for name in names]
        owner.setProperty("asked_in", str(paths[0].parent))
        take(paths)

    dialog.filesSelected.connect(chosen)
    dialog.open()


def _start(owner: QWidget) -> str:
    """Where the last ones came from; else the person's films, pictures or home, whichever is there."""
    last = owner.property("asked_in")
    places = [last, *map(QStandardPaths.writableLocation, _PLACES)]
    return next((place for place in places if place and Path(place).is_dir()), "")
