"""What an analyser says, as values that cross a process boundary: one JSON header and, for some, raw bytes.

A worker streams findings as they come. Everything since the last `Checkpoint` is saved in one transaction with it,
so that a killed analysis resumes from the last one and nothing is stored twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from media_assistant.items.concept import Concept
from media_assistant.items.moment import Layer, Moment, Sense, Source, Word
from media_assistant.items.span import WHOLE, Box, Span, TextSpan, TimeSpan, Whole

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trait:
    """A measured property of the whole item, such as `tempo_bpm` = 120.3 or `key` = "A minor".

    `value` is a plain JSON value. Units are in the name.
    """

    name: str
    value: str | int | float | list[float] | None


@dataclass(frozen=True, slots=True)
class Vector:
    """A point of the embedding space `space` for one span; `values` are little-endian float32, unit length unless the space says otherwise."""

    space: str
    span: Span
    values: bytes


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """By what an item is known again in another form, from `start_ms` on. `form` names what the bytes are."""

    form: str
    start_ms: int
    marks: bytes


@dataclass(frozen=True, slots=True)
class Preview:
    """A small picture (JPEG or PNG) that the window shows: `thumbnail`, `storyboard`, `waveform`. A cache, never the truth."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything before `position_ms` is complete; an interrupted analysis goes on from there."""

    position_ms: int


Finding = Moment | Trait | Vector | Fingerprint | Preview | Checkpoint


def span_to_plain(span: Span) -> list[int]:
    """`[]` for the whole item, `[start_ms, end_ms]` for time, `[page, start, end]` for text."""
    match span:
        case TimeSpan(start_ms, end_ms):
            return [start_ms, end_ms]
        case TextSpan(page, start, end):
            return [page, start, end]
        case Whole():
            return []


def span_from_plain(plain: list[int]) -> Span:
    """The inverse of `span_to_plain`. Raises ValueError for any other shape."""
    match plain:
        case []:
            return WHOLE
        case [start_ms, end_ms]:
            return TimeSpan(start_ms, end_ms)
        case [page, start, end]:
            return TextSpan(page, start, end)
        case _:
            raise ValueError(f"not a span: {plain!r}")


def to_plain(finding: Finding) -> tuple[Plain, bytes]:
    """A JSON-able header and the raw bytes that follow it (empty for most)."""
    match finding:
        case Moment():
            header: Plain = {
                "is": "moment",
                "span": span_to_plain(finding.span),
                "sense": finding.sense.value,
                "layer": finding.layer.value,
                "score": finding.score,
                "source": [finding.source.analyser, finding.source.model, finding.source.revision],
            }
            if finding.concept is not None:
                concept = finding.concept
                header["concept"] = [concept.id, concept.en, concept.zh, list(concept.aliases), list(concept.parents)]
            if finding.text:
                header["text"] = finding.text
            if finding.language:
                header["language"] = finding.language
            if finding.box is not None:
                header["box"] = [finding.box.left, finding.box.top, finding.box.width, finding.box.height]
            if finding.words:
                header["words"] = [[word.start_ms, word.end_ms, word.text, word.probability] for word in finding.words]
            return header, b""
        case Trait(name, value):
            return {"is": "trait", "name": name, "value": value}, b""
        case Vector(space, span, values):
            return {"is": "vector", "space": space, "span": span_to_plain(span)}, values
        case Fingerprint(form, start_ms, marks):
            return {"is": "fingerprint", "form": form, "start_ms": start_ms}, marks
        case Preview(name, data):
            return {"is": "preview", "name": name}, data
        case Checkpoint(position_ms):
            return {"is": "checkpoint", "position_ms": position_ms}, b""


def from_plain(header: Plain, data: bytes) -> Finding:
    """The inverse of `to_plain`. Raises KeyError, ValueError or TypeError for anything else."""
    match header["is"]:
        case "moment":
            concept = header.get("concept")
            box = header.get("box")
            return Moment(
                span=span_from_plain(header["span"]),
                sense=Sense(header["sense"]),
                layer=Layer(header["layer"]),
                concept=Concept(concept[0], concept[1], concept[2], tuple(concept[3]), tuple(concept[4]))
                if concept
                else None,
                text=header.get("text", ""),
                score=header["score"],
                language=header.get("language", ""),
                box=Box(*box) if box else None,
                words=tuple(Word(*word) for word in header.get("words", ())),
                source=Source(*header["source"]),
            )
        case "trait":
            return Trait(header["name"], header["value"])
        case "vector":
            return Vector(header["space"], span_from_plain(header["span"]), data)
        case "fingerprint":
            return Fingerprint(header["form"], header["start_ms"], data)
        case "preview":
            return Preview(header["name"], data)
        case "checkpoint":
            return Checkpoint(header["position_ms"])
        case other:
            raise ValueError(f"not a finding: {other!r}")
