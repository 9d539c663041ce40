"""Every analyser there is, one line each. Light: the queue reads it in the window's process; modules load in workers.

To add one: write `analysis/<what>.py` with a function `analyser()` that gives an `Analyser`, then a line below. Its
place in the list is its place in a run: whoever lends something to others (`Job.shared`) stands before them.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from media_assistant.analysis.analyser import Analyser, Spec, Stage
from media_assistant.items.kind import Kind

_V, _M, _T, _P = Kind.VIDEO, Kind.MUSIC, Kind.TEXT, Kind.PHOTO
_ROOM = "media_assistant.analysis."


def _spec(
    name: str,
    kinds: Iterable[Kind],
    *wants: str,
    version: int = 1,
    stage: Stage = Stage.UNDERSTAND,
    task: str = "",
    or_task: str = "",
) -> Spec:
    return Spec(
        name,
        version,
        frozenset(kinds),
        stage,
        task,
        or_task,
        _ROOM + name,
        wants_frames="frames" in wants,
        wants_sound="sound" in wants,
        wants_document="document" in wants,
        wants_courses="courses" in wants,
    )


SPECS: tuple[Spec, ...] = (
    _spec("preview", (_V, _M, _T, _P), stage=Stage.PREVIEW),
    _spec("subtitles", (_V, _M), version=2),
    _spec("shots", (_V,), "frames", version=2),
    _spec("pictures", (_V, _P), "frames", version=2),
    _spec("fingerprints", (_V, _M, _P), "frames", "sound", version=3),
    _spec("sights", (_V, _P), "frames", task="image-text-embedding", or_task="image-classification"),
    _spec("own_sights", (_V, _P), "frames", task="own-tags"),
    _spec("writing", (_V, _P), "frames", version=2),
    _spec("voice", (_V, _M), "sound"),
    _spec("sounds", (_V, _M), "sound", task="audio-tagging"),
    _spec("music", (_V, _M), "sound"),
    _spec("own_courses", (_V, _M), "courses", task="own-courses"),
    _spec("words", (_T,), "document"),
    _spec("speech", (_V, _M), "sound", stage=Stage.TRANSCRIBE, task="speech-recognition"),
)
"""In the order in which passes get each frame."""

_BY_NAME = {spec.name: spec for spec in SPECS}


def is_known(name: str) -> bool:
    """Whether this version of the program has an analyser of this name."""
    return name in _BY_NAME


def spec_of(name: str) -> Spec:
    """The spec of one analyser. Raises KeyError for a name that is not in SPECS."""
    return _BY_NAME[name]


def load(name: str) -> Analyser:
    """Import an analyser's module and make it. Raises KeyError for an unknown name."""
    analyser: Analyser = import_module(spec_of(name).module).analyser()
    return analyser
