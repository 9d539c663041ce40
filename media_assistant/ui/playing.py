"""What may be played or shown large, and the still that stands for it until then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QImage, QImageReader

from media_assistant.items.answers import Details

if TYPE_CHECKING:
    from media_assistant.assistant import Assistant


def can_play(details: Details) -> bool:
    """Whether a worker process has read the file without harm, and it is still there."""
    return not details.item.is_missing and any(
        entry.analyser == "preview" and entry.state == "done" for entry in details.analyses
    )


def load_still(assistant: Assistant, item_id: int) -> QImage:
    """The item's thumbnail, or a null picture. For a reader thread."""
    file = assistant.preview(item_id, "thumbnail")
    return QImageReader(str(file)).read() if file is not None else QImage()
