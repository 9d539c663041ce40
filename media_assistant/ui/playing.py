"""What may be played or shown large, and the still that stands for it until then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, Qt
from PySide6.QtGui import QImage, QImageReader

from media_assistant.items.answers import Details
from media_assistant.ui.words import Words

if TYPE_CHECKING:
    from media_assistant.assistant import Assistant

LARGEST_SIDE = 6000


def can_play(details: Details) -> bool:
    """Whether a worker process has read the file without harm, and it is still there."""
    return not details.item.is_missing and any(
        entry.analyser == "preview" and entry.state == "done" for entry in details.analyses
    )


def load_still(assistant: Assistant, item_id: int) -> QImage:
    """The item's thumbnail, or a null picture. For a reader thread."""
    file = assistant.preview(item_id, "thumbnail")
    return QImageReader(str(file)).read() if file is not None else QImage()


def why_not(details: Details, words: Words) -> str:
    """Why an item cannot be played now, in words."""
    if details.item.is_missing:
        return words.say("ui.state.missing_long")
    looked = next((entry for entry in details.analyses if entry.analyser == "preview"), None)
    if looked is not None and looked.state == "failed" and looked.error:
        return words.sentence(looked.error)
    return words.say("ui.play.not_yet")


def read_photo(
    assistant: Assistant, path: Path, side: int = LARGEST_SIDE, is_wanted: Callable[[], bool] = lambda: True
) -> QImage:
    """On a thread that may hang: the photo itself, upright, at most `side` pixels wide or high; null if it cannot be read.

    What Qt has no reader for, or finds too large, a worker decodes, one after the other. What is no longer `is_wanted` when
    its turn comes is not read; that is asked on this thread.
    """
    if not is_wanted():
        return QImage()
    try:
        picture = _read_with_qt(path, side)
    except OSError:
        return QImage()
    if not picture.isNull():
        return picture
    found = assistant.playing.photos.decode(path, side, is_wanted)
    if found is None:
        return picture
    width, height = found.width, found.height
    # Another form: Qt would go on looking at these bytes, which are gone with `found`.
    seen = QImage(found.rgb, width, height, 3 * width, QImage.Format.Format_RGB888)
    return seen.convertToFormat(QImage.Format.Format_RGB32)


def _read_with_qt(path: Path, side: int) -> QImage:
    """Null where Qt cannot. The bytes of the file are let go of with it: a worker may be waited for afterwards."""
    # Python lets the others go on while it waits for a disk. Qt does not: it would hold up the window with it.
    buffer = QBuffer()
    buffer.setData(path.read_bytes())
    buffer.open(QBuffer.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > side:
        reader.setScaledSize(size.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()
