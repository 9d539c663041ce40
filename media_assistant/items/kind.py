"""The four kinds of file that a library holds."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a file is, decided by its content. `MUSIC` is any audio; the window calls it Audio."""

    VIDEO = "video"
    MUSIC = "music"
    TEXT = "text"
    PHOTO = "photo"
