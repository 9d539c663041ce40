"""What a model costs on this computer: what was measured, what that means for a library, and what is recommended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from media_assistant.items.kind import Kind

TASKS: tuple[str, ...] = (
    "speech-recognition",
    "image-text-embedding",
    "image-classification",
    "audio-tagging",
    "music-tagging",
    "text-embedding",
)
"""In the order in which a person sees them."""


class Part(StrEnum):
    """What one figure is for: the same network costs another time for each."""

    FILM = "film"
    PHOTO = "photo"
    SOUND = "sound"
    TEXT = "text"


PARTS: Mapping[str, tuple[Part, ...]] = {
    "speech-recognition": (Part.SOUND,),
    "image-text-embedding": (Part.FILM, Part.PHOTO),
    "image-classification": (Part.FILM, Part.PHOTO),
    "audio-tagging": (Part.SOUND,),
    "music-tagging": (Part.SOUND,),
    "text-embedding": (Part.TEXT,),
}
"""What each task looks at, listens to or reads."""

ANALYSERS: Mapping[str, str] = {
    "speech-recognition": "speech",
    "image-text-embedding": "sights",
    "image-classification": "sights",
    "audio-tagging": "sounds",
    "music-tagging": "music",
    "text-embedding": "words",
}
"""Who runs the models of a task."""


@dataclass(frozen=True, slots=True)
class Work:
    """What makes one item long or short to understand. None where nobody has looked yet."""

    item_id: int
    kind: Kind
    duration_s: float
    size_bytes: int
    megapixels: float
    frame_rate: float
    shots: int | None = None
    speech_s: float | None = None
    characters: int | None = None
    music_s: float | None = None
    models: Mapping[str, str] = field(default_factory=dict)
    """Analyser -> the model whose findings stand, whole and fresh (empty where it needs none)."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Seconds per unit of reading (decoding, preparing, storing), of thinking (the network alone), and of what every
    item costs, however short it is (opening, closing).

    The units are those of `workflows.models.weighing`: about a second of film or sound, a photo, a thousand characters.
    """

    reading_s: float
    thinking_s: float
    samples: int = 1
    fixed_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """One model on this computer. `is_derived`: from a graph of its shape, not from itself."""

    model_id: str
    task: str
    revision: str
    rates: Mapping[Part, Rate]
    opening_s: float = 0.0
    """Once: opening the network."""
    preparing_s: float = 0.0
    """Once: what is asked of it before the first picture, and kept."""
    is_derived: bool = False


@dataclass(frozen=True, slots=True)
class Machine:
    """All that was measured on this computer with these threads."""

    at: str = ""
    """ISO 8601 local time; empty: never."""
    device: str = ""
    """Name of the processor, for a tool tip."""
    cores: int = 0
    threads: int = 0
    memory_mb: int = 0
    has_gpu: bool = False
    card: str = ""
    """Name of the graphics card; empty where there is none, or where nobody tells."""
    card_memory_mb: int = 0
    models: Mapping[str, Measured] = field(default_factory=dict)

    @property
    def is_measured(self) -> bool:
        """Whether there is anything to go by."""
        return bool(self.models)


@dataclass(frozen=True, slots=True)
class Amount:
    """What a model would still have to look at, listen to or read."""

    film_s: float = 0.0
    sound_s: float = 0.0
    photos: int = 0
    words: int = 0
    items: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            self.film_s + other.film_s,
            self.sound_s + other.sound_s,
            self.photos + other.photos,
            self.words + other.words,
            self.items + other.items,
        )


@dataclass(frozen=True, slots=True)
class Forecast:
    """One model and this library. `took_s` is None where nothing was measured."""

    model_id: str
    task: str
    amount: Amount
    took_s: float | None
    is_derived: bool = False
    per_film_minute_s: float | None = None
    per_photo_s: float | None = None
    per_sound_minute_s: float | None = None
    per_thousand_words_s: float | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """One task: what fits this person, this computer and this library best, and why.

    `reason`: `chosen` (the person's own word), `fits` (the best that this computer runs in good time), `empty` (the
    same, for a library that has nothing of the kind yet), `quickest` (none is quick here), `unmeasured`, `unreached`
    (the minute of measuring was over before its turn). `other` is the next better one, or the next, to compare with.
    """

    task: str
    best: str
    reason: str
    forecasts: tuple[Forecast, ...]
    other: str = ""

    def forecast(self, model_id: str) -> Forecast | None:
        """Of one of its models."""
        return next((each for each in self.forecasts if each.model_id == model_id), None)
