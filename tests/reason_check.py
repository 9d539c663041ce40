"""Whether the reasons of suggestions are true, told from the library's tables and numpy alone: no function that made them."""

from __future__ import annotations

import json
import math
import re
import sqlite3
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from media_assistant.analysis.vocabulary import all_concepts
from media_assistant.items.answers import Reason, Suggestion
from media_assistant.items.examples import Example
from media_assistant.items.moment import Layer, Moment
from media_assistant.items.span import Span, TextSpan, TimeSpan

NOTICED = {
    "music": "heard",
    "sounds": "heard",
    "voice": "heard",
    "speech": "said",
    "subtitles": "said",
    "words": "written",
    "writing": "written",
}
"""Of every analyser that does not look."""
MIXED = {"said": {"said", "written"}, "across": {"seen", "heard", "said", "written"}, "timbre": {"heard"}}
NEARER_THAN = {"alike": 0.75, "little": 0.6}
"""The share of the library, what is said over and over counted once, that a place must be nearer than to the example's."""
FEW = 12
"""With fewer different vectors the library says nothing about what is near: a little alike is the most that may be said."""


class Checker:
    """`wrong(...)` lists what is false of suggestions; empty when all of it is true."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.seen: set[str] = set()
        """Every code that was checked."""
        self._different: dict[str, np.ndarray] = {}

    def wrong(self, suggestions: Sequence[Suggestion], examples: Sequence[Example], wanted: int) -> list[str]:
        """`examples` in the order that reasons count them; the first `wanted` are those to be like."""
        found: list[str] = []
        sums = [sum(reason.weight for reason in suggestion.reasons) for suggestion in suggestions]
        if any(later > earlier + 1e-9 for earlier, later in pairwise(sums)):
            found.append(f"not in the order of their reasons' weights: {sums}")
        for suggestion in suggestions:
            item_id = suggestion.item.id
            if item_id in {one.item_id for one in examples} or not self._row(
                "SELECT removed_at = '' FROM items WHERE id = ?", item_id
            ):
                found.append(f"{item_id} is no suggestion")
            if not any(reason.weight > 0 for reason in suggestion.reasons):
                found.append(f"{item_id} has no reason")
            for reason in suggestion.reasons:
                self.seen.add(reason.says.code)
                if (reason.weight > 0) != (reason.example < wanted) or reason.weight == 0:
                    found.append(f"{item_id}: {reason.weight} for example {reason.example}")
                fault = self._fault(reason, examples[reason.example], item_id)
                if fault:
                    found.append(f"{item_id}: {reason.says.code} {dict(reason.says.parameters)}: {fault}")
        return found

    def _fault(self, reason: Reason, example: Example, theirs: int) -> str:
        ours = example.item_id
        for side, item_id in ((reason.evidence, ours), (reason.theirs, theirs)):
            if any(moment.item_id != item_id for moment in side):
                return "a moment of another item"
        if len(reason.evidence) != len(reason.theirs):
            return "a place without its other side"
        if isinstance(example.span, TimeSpan) and not all(_is_near(one.span, example.span) for one in reason.evidence):
            return "a place outside of the moment that was asked about"
        name = reason.says.code.removeprefix("reason.")
        parameters = reason.says.parameters
        if name == "same_content":
            return self._copies(reason)
        if name.startswith(("alike_", "little_")):
            return self._near(reason, *name.split("_"))
        if name.startswith(("both_", "perhaps_", "shared_")):
            return self._shared(reason, name, ours, theirs)
        if name in {"same_tempo", "same_key", "same_tempo_and_key"}:
            return self._music(name, parameters, ours, theirs)
        if name == "same_recording":
            return self._recording(*sorted((ours, theirs)))
        return self._facts(name, parameters, ours, theirs)

    # By networks

    def _vector(self, moment: Moment, space: str) -> tuple[np.ndarray, str] | None:
        row = self._connection.execute(
            'SELECT "values", analyser FROM vectors JOIN runs ON runs.id = run_id WHERE vectors.item_id = ? AND space = ?'
            " AND span_kind = ? AND span_a = ? AND span_b = ? AND span_c = ?",
            (moment.item_id, space, *_columns(moment.span)),
        ).fetchone()
        if row is None:
            return None
        values = np.frombuffer(row[0], "<f4").astype(np.float64)
        return values / max(float(np.linalg.norm(values)), 1e-12), row[1]

    def _copies(self, reason: Reason) -> str:
        for ours, theirs in zip(reason.evidence, reason.theirs, strict=True):
            one, other = self._vector(ours, reason.basis), self._vector(theirs, reason.basis)
            if one is None or other is None:
                return "no fingerprint there"
            if int(((one[0] > 0) != (other[0] > 0)).sum()) > 8:
                return "another picture"
        return "" if reason.evidence else "nothing shown"

    def _near(self, reason: Reason, how: str, what: str) -> str:
        if not reason.evidence:
            return "nothing shown"
        for ours, theirs in zip(reason.evidence, reason.theirs, strict=True):
            one, other = self._vector(ours, reason.basis), self._vector(theirs, reason.basis)
            if one is None or other is None:
                return "no vector there"
            senses = {NOTICED.get(analyser, "seen") for _, analyser in (one, other)}
            if not senses <= MIXED.get(what, {what}) or (what == "timbre") != reason.basis.startswith("timbre"):
                return f"{senses} is not {what}"
            if (share := self._nearer_than(reason.basis, *one, *other)) < NEARER_THAN[how]:
                return f"nearer than {share:.2f} of the library alone"
        return ""

    def _nearer_than(self, space: str, ours: np.ndarray, _by: str, theirs: np.ndarray, _other: str) -> float:
        if space not in self._different:
            self._different[space] = _different(self._connection, space)
        different = self._different[space]
        return (
            float((different @ ours < float(ours @ theirs)).mean()) if len(different) >= FEW else NEARER_THAN["little"]
        )

    # By words and labels

    def _shared(self, reason: Reason, name: str, ours: int, theirs: int) -> str:
        if any(moment.concept is None for moment in (*reason.evidence, *reason.theirs)):
            names = str(reason.says.parameters["names"]).split(", ")
        else:
            names = [moment.concept.en for moment in reason.evidence if moment.concept is not None]
        if ", ".join(names) != reason.says.parameters["names"] or len(names) != len(reason.evidence) or not names:
            return f"{len(reason.evidence)} places for these names"
        for said, one, other in zip(names, reason.evidence, reason.theirs, strict=True):
            senses = {one.sense.value, other.sense.value}
            how, _, noticed = name.partition("_")
            if noticed in {"seen", "heard"} and senses != {noticed}:
                return f"{said} was noticed as {senses}"
            if noticed in {"seen", "heard"} and "person" in {one.source.analyser, other.source.analyser}:
                return f"nobody noticed {said} there"
            if noticed != "words" and (one.score * other.score < 0.5) != (how == "perhaps"):
                return f"{said} is there with {one.score} and {other.score}"
            if name == "shared_words" and not senses <= {"said", "written"}:
                return f"{said} is nowhere in words"
            for moment, item_id in ((one, ours), (other, theirs)):
                if moment.layer is Layer.LINE:
                    fault = self._holds(moment, said)
                else:
                    fault = self._is_labelled(moment, item_id, said)
                if fault:
                    return fault
        return ""

    def _holds(self, moment: Moment, said: str) -> str:
        row = self._connection.execute(
            "SELECT text FROM moments WHERE item_id = ? AND layer = 'line' AND is_covered = 0 AND sense = ?"
            " AND span_kind = ? AND span_a = ? AND span_b = ? AND span_c = ? AND text = ?",
            (moment.item_id, moment.sense.value, *_columns(moment.span), moment.text),
        ).fetchone()
        if row is None:
            return "no such line"
        return "" if any(_says(row[0], name) for name in _names(said)) else f"{row[0]!r} does not hold {said}"

    def _is_labelled(self, moment: Moment, item_id: int, said: str) -> str:
        if moment.concept is None or moment.concept.en != said:
            return f"{moment.concept} is not {said}"
        state = self._row(
            "SELECT state FROM tags WHERE item_id = ? AND concept_id = ? AND state <> 'rejected'",
            item_id,
            moment.concept.id,
        )
        if not state:
            return f"{item_id} is not tagged {said}"
        if moment.source.analyser == "person":
            return "" if state == "accepted" else "no word of a person"
        there = self._row(
            "SELECT count(*) FROM moments WHERE item_id = ? AND concept_id = ? AND layer = 'label' AND sense = ?"
            " AND span_kind = ? AND span_a = ? AND span_b = ? AND span_c = ?",
            item_id,
            moment.concept.id,
            moment.sense.value,
            *_columns(moment.span),
        )
        return "" if there else f"{said} is not at {moment.span}"

    # By measure and by facts

    def _music(self, name: str, parameters: object, ours: int, theirs: int) -> str:
        traits = [
            {
                key: json.loads(value)
                for key, value in self._connection.execute(
                    "SELECT name, value FROM traits WHERE item_id = ?", (item_id,)
                )
            }
            for item_id in (ours, theirs)
        ]
        said = dict(parameters)  # type: ignore[call-overload]
        if "tempo" in name:
            one, other = (float(each.get("tempo_bpm", math.nan)) for each in traits)
            if not abs(one - other) <= 0.0201 * max(one, other) or abs(one - said["bpm"]) > 0.5:
                return f"{one} and {other}"
        if "key" in name and not traits[0].get("key") == traits[1].get("key") == said["key"]:
            return f"{traits[0].get('key')} and {traits[1].get('key')}"
        return ""

    def _recording(self, first: int, second: int) -> str:
        both = "FROM {} WHERE first_id = ? AND second_id = ?"
        if not self._row("SELECT count(*) " + both.format("likely_pairs"), first, second):
            return "nobody found that"
        said = self._row("SELECT word " + both.format("pair_words"), first, second)
        return "a person said otherwise" if said == "different" else ""

    def _facts(self, name: str, parameters: object, ours: int, theirs: int) -> str:
        one, other = (
            json.loads(self._row("SELECT facts FROM items WHERE id = ?", item_id)) for item_id in (ours, theirs)
        )
        said = dict(parameters)  # type: ignore[call-overload]
        if name == "same_day":
            days = {each["captured"]["at"][:10] for each in (one, other) if each["captured"]["source"] != "file"}
            return "" if days == {said["day"]} else f"{days}"
        if name == "same_place":
            metres = _chord_m(one["place"], other["place"])
            return "" if metres <= said["metres"] <= max(10, metres + 11) else f"{metres} metres"
        if name in {"same_artist", "same_album"}:
            key = name.removeprefix("same_")
            both = {each["tags"][key].casefold() for each in (one, other)}
            return "" if both == {str(said[key]).casefold()} else f"{both}"
        return "nobody can check that"

    def _row(self, sql: str, *values: object) -> object:
        row = self._connection.execute(sql, values).fetchone()
        return row[0] if row else None


def _is_near(span: Span, wanted: TimeSpan) -> bool:
    """A moment without anything at it may be told by what is within two seconds."""
    slack = 2_000 if wanted.start_ms == wanted.end_ms else 0
    return (
        isinstance(span, TimeSpan) and span.start_ms <= wanted.end_ms + slack and wanted.start_ms - slack <= span.end_ms
    )


def _columns(span: Span) -> tuple[int, int, int, int]:
    if isinstance(span, TimeSpan):
        return 1, span.start_ms, span.end_ms, 0
    if isinstance(span, TextSpan):
        return 2, span.page, span.start, span.end
    return 0, 0, 0, 0


def _different(connection: sqlite3.Connection, space: str) -> np.ndarray:
    """The vectors of a space, of those that are nearly the same only the first."""
    rows = connection.execute('SELECT "values" FROM vectors WHERE space = ? ORDER BY id', (space,)).fetchall()
    matrix = np.stack([np.frombuffer(values, "<f4") for (values,) in rows]).astype(np.float64)
    matrix /= np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-12)
    near = 0.35 * float(np.quantile(matrix @ matrix.T, 0.2)) + 0.65
    kept: list[np.ndarray] = []
    for row in matrix:
        if all(float(row @ other) < near for other in kept):
            kept.append(row)
    return np.stack(kept)


@lru_cache(maxsize=1)
def _known() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for concept in all_concepts():
        found.setdefault(concept.en, set()).update({concept.en, concept.zh, *concept.aliases} - {""})
    return found


def _names(said: str) -> set[str]:
    return {said, *_known().get(said, set())}


def _says(text: str, name: str) -> bool:
    """Whether a name stands in a text, in any form: the same beginning, but for an ending of three letters."""
    plain = [
        "".join(c for c in unicodedata.normalize("NFKD", each.casefold()) if not unicodedata.combining(c))
        for each in (text, name)
    ]
    wanted = re.findall(r"\w+", plain[1])
    if any("\u3400" <= c <= "\u9fff" for c in name):
        return name in text or "".join(wanted) in re.sub(r"\W", "", plain[0])
    words = re.findall(r"\w+", plain[0])
    return all(any(word[: max(3, len(part) - 3)] == part[: max(3, len(part) - 3)] for word in words) for part in wanted)


def _chord_m(one: dict[str, float], other: dict[str, float]) -> float:
    """Distance on a sphere of 6,371 km by the chord between two points in space."""

    def point(place: dict[str, float]) -> np.ndarray:
        a, b = math.radians(place["latitude"]), math.radians(place["longitude"])
        return np.array([math.cos(a) * math.cos(b), math.cos(a) * math.sin(b), math.sin(a)])

    return 2 * 6_371_000 * math.asin(min(1.0, float(np.linalg.norm(point(one) - point(other))) / 2))
