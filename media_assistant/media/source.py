"""What a reader gives: pictures, sound and text of one file, read-only, decoded once.

One reader per kind lives beside this module (`av_source.py` for film and sound, `photo.py`, `document.py`);
`registry.open_source` picks it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Frame(Protocol):
    """One upright picture. Conversions are made on demand and remembered per size, for several analysers ask for the same."""

    index: int
    """0, 1, 2 … in order of presentation."""
    at_ms: int
    """Presentation time minus the container's start."""
    end_ms: int
    """When the next frame shows, as far as known."""
    width: int
    height: int

    def rgb(self, width: int, height: int) -> NDArray[np.uint8]:
        """`[height, width, 3]`, stretched to exactly this size (area averaging when it shrinks)."""
        ...

    def grey(self, width: int, height: int) -> NDArray[np.uint8]:
        """`[height, width]` luma."""
        ...


@dataclass(frozen=True, slots=True)
class Sound:
    """A block of sound. `mono` is float32 `[n]` at 16 kHz in -1..1; `native` float32 `[channels, m]` at `native_rate_hz`."""

    at_ms: int
    mono: NDArray[np.float32]
    native: NDArray[np.float32]
    native_rate_hz: int
    layout: str = ""
    """Which loudspeakers the channels are for, as libav names it: `5.1(side)`; empty where that is not told."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page, a chapter, or the whole of a plain text. `number` counts from 1."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """A text's pages in order; `title` as the file says it."""

    pages: tuple[Page, ...]
    title: str = ""


class MediaSource(Protocol):
    """One open file."""

    @property
    def path(self) -> Path:
        """Where it lies."""
        ...

    @property
    def kind(self) -> Kind:
        """What it turned out to be: a film without pictures is music, whatever was sniffed."""
        ...

    @property
    def facts(self) -> Facts:
        """What a probe says; looked up once."""
        ...

    def play(self, *, frames: bool, sound: bool, start_ms: int = 0) -> Iterator[Frame | Sound]:
        """Decode once, in order of presentation (frames and blocks of sound interleaved), from `start_ms` on.

        Raises UserFixable("media.damaged") when nothing at all could be decoded; a file that breaks off ends the
        iteration early after a warning in `problems`.
        """
        ...

    def frame_at(self, at_ms: int) -> Frame | None:
        """The frame shown at `at_ms` by seeking; None where there is no picture."""
        ...

    def document(self) -> Document:
        """The text of a text item."""
        ...

    problems: list[str]
    """Codes of what was odd but survivable, such as `media.truncated`."""

    def close(self) -> None:
        """Let go of the file. Iterations that are still running end with it or run out on their own."""
        ...
