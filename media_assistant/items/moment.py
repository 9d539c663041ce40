"""The program's one idea: everything known about a file is a moment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from media_assistant.items.concept import Concept
from media_assistant.items.span import Box, Span


class Sense(StrEnum):
    """How something was noticed. A text's own passages are *written*, a subtitle's lines are *said*."""

    SEEN = "seen"
    SAID = "said"
    HEARD = "heard"
    WRITTEN = "written"


class Layer(StrEnum):
    """What a moment tells: a stretch of the film between two cuts, a named thing, words in their order, or that a
    person marked it, with a note or without.
    """

    SHOT = "shot"
    LABEL = "label"
    LINE = "line"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word with its times and the recogniser's own probability (0..1)."""

    start_ms: int
    end_ms: int
    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Source:
    """Who says so. `model` and `revision` are empty for a built-in analyser; `analyser` is `person` for a person's word."""

    analyser: str
    model: str = ""
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A span of one item, a sense, and a label or a text.

    `concept` is set for `Layer.LABEL`, `text` for `Layer.LINE`, and for a `Layer.MARK` with a note. `score` is a calibrated guess at the probability
    that the moment is true (0..1); 1 for what is certain (a subtitle's line, a person's word).
    `item_id` and `id` are 0 until the library has stored it.
    """

    span: Span
    sense: Sense
    layer: Layer
    concept: Concept | None = None
    text: str = ""
    score: float = 1.0
    language: str = ""
    box: Box | None = None
    words: tuple[Word, ...] = ()
    source: Source = Source("")
    item_id: int = 0
    id: int = 0
