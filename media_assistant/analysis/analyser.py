"""What an analyser is.

To add one: write `analysis/<what>.py` with a `Spec` and a class that has `open`, then add one line to `registry.py`.

A file is decoded once. Each wanted analyser opens a `Pass` over it; the decoder pushes every frame, every block of
sound, or the document to all of them in the order of presentation, and each yields findings as soon as it has them.
A frame converts itself to the size that a pass asks for, once per size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from media_assistant.items.findings import Finding
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Moment

if TYPE_CHECKING:
    from media_assistant.inference.models import Models
    from media_assistant.media.source import Document, Frame, MediaSource, Sound


class Stage(IntEnum):
    """The order of work. Within a request all analysers of one stage share one decode of the file."""

    PREVIEW = 0
    """Facts and a thumbnail: seconds after the drop, for every item before anything else."""
    UNDERSTAND = 1
    """Everything that looks, listens and reads in one pass."""
    TRANSCRIBE = 2
    """Speech, by far the slowest, on its own decode of the sound (about 1/300 of real time) so that it holds nothing up."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What the queue must know of an analyser without importing it."""

    name: str
    """Stable; stored with every finding, shown in `show` and `--only`."""
    version: int
    """Raised when results get better: older ones are stale and done again."""
    kinds: frozenset[Kind]
    stage: Stage
    task: str = ""
    """The model task it needs, such as `image-text-embedding`; empty for a built-in one."""
    or_task: str = ""
    """A task that serves as well: a model for either is enough."""
    module: str = ""
    """`media_assistant.analysis.<what>`, holding a function `analyser()`; imported in the worker only."""
    wants_frames: bool = False
    wants_sound: bool = False
    wants_document: bool = False
    wants_courses: bool = False
    """Nothing of the file, but the vectors that others made of it: it is asked once those are in the library."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a pass may know about the item it works on."""

    path: Path
    kind: Kind
    source: MediaSource
    models: Models
    start_ms: int = 0
    """Go on from here: everything before is stored already."""
    known: tuple[Moment, ...] = ()
    """Moments that the library already has (shots for sights, when they are not made in the same pass)."""
    languages: tuple[str, ...] = ()
    """What the person speaks, most likely first; empty: find out."""
    hotwords: tuple[str, ...] = ()
    courses: tuple[bytes, ...] = ()
    """For who wants them: the item's vectors in their order, one `learning.course` for each space."""
    options: dict[str, str | int | float | bool] = field(default_factory=dict)
    shared: dict[str, object] = field(default_factory=dict)
    """What passes of one run lend each other: `shots` is the list of shot TimeSpans found so far."""
    should_stop: Callable[[], bool] = bool
    """To be asked within a step that may take minutes: it also shows that the work gets on. Cancelled where it says yes."""


class Pass:
    """One analyser at work on one file. Override what it wants; the default looks away."""

    def frame(self, frame: Frame) -> Iterable[Finding]:
        """One decoded picture of a video in order of presentation, or the photo itself."""
        return ()

    def sound(self, sound: Sound) -> Iterable[Finding]:
        """The next block of sound, about a second, without gaps or overlaps."""
        return ()

    def document(self, document: Document) -> Iterable[Finding]:
        """The text of a text item."""
        return ()

    def finish(self) -> Iterable[Finding]:
        """The stream has ended: say what can only be said now."""
        return ()


class Analyser(Protocol):
    """`spec` says when it is wanted; `open` starts a pass. Raises UserFixable if it cannot work here (no model)."""

    spec: Spec

    def open(self, job: Job) -> Pass:
        """A pass over one file. Raises UserFixable("model.missing") where its network is not here."""
        ...
