"""What suggestions ask of the library: measured traits, days, places, words in common. Reads only."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence

from media_assistant.items.item import Place
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Sense
from media_assistant.library import excerpts, text_index

SENSES_OF = {
    "music": Sense.HEARD,
    "sounds": Sense.HEARD,
    "voice": Sense.HEARD,
    "speech": Sense.SAID,
    "subtitles": Sense.SAID,
    "words": Sense.WRITTEN,
    "writing": Sense.WRITTEN,
}
"""How the analysers that are not about pictures notice what they make vectors of."""

_DEGREE_M = 111_000
"""Metres in a degree of latitude."""
_MANY = 500
"""Parameters of one statement."""


class LikenessStore:
    """`reader` gives a read connection that the calling thread may use."""

    def __init__(self, reader: Callable[[], sqlite3.Connection]) -> None:
        self._reader = reader

    def sense_of(self, space: str) -> Sense:
        """How that was noticed which an embedding space is of."""
        row = (
            self._reader()
            .execute(
                "SELECT analyser FROM vectors JOIN runs ON runs.id = run_id WHERE space = ? ORDER BY vectors.id LIMIT 1",
                (space,),
            )
            .fetchone()
        )
        return SENSES_OF.get(row[0], Sense.SEEN) if row else Sense.SEEN

    def of_kind(self, kind: Kind, item_ids: Collection[int]) -> set[int]:
        """Which of these items are of a kind."""
        wanted = json.dumps(list(item_ids))
        rows = self._reader().execute(
            "SELECT id FROM items WHERE kind = ? AND id IN (SELECT value FROM json_each(?))", (kind.value, wanted)
        )
        return {row[0] for row in rows}

    def traits(self, item_ids: Collection[int], names: Collection[str]) -> dict[int, dict[str, object]]:
        """For each item the measured values of these names."""
        found: dict[int, dict[str, object]] = {}
        ids = list(item_ids)
        for start in range(0, len(ids), _MANY):
            part = ids[start : start + _MANY]
            rows = self._reader().execute(
                f"SELECT item_id, name, value FROM traits WHERE item_id IN ({_marks(part)}) AND name IN ({_marks(names)})",
                [*part, *names],
            )
            for item_id, name, value in rows:
                found.setdefault(item_id, {})[name] = json.loads(value)
        return found

    def items_with_trait(self, name: str) -> Iterator[tuple[int, object]]:
        """(item_id, value) for every item that has the trait."""
        rows = self._reader().execute(
            "SELECT t.item_id, t.value FROM traits t JOIN items i ON i.id = t.item_id WHERE t.name = ? AND i.removed_at = ''",
            (name,),
        )
        return ((item_id, json.loads(value)) for item_id, value in rows)

    def captured_on(self, day: str, limit: int = 500) -> list[int]:
        """The items made on a day (`2025-07-12`)."""
        rows = self._reader().execute(
            "SELECT id FROM items WHERE removed_at = '' AND captured_at >= ? AND captured_at < ? LIMIT ?",
            (day, day + "U", limit),
        )
        return [row[0] for row in rows]

    def captured_near(self, place: Place, metres: float, limit: int = 500) -> list[int]:
        """The items made within about `metres` of a place; a few from just beyond may be among them."""
        latitude = metres / _DEGREE_M
        longitude = latitude / max(0.01, math.cos(math.radians(place.latitude)))
        rows = self._reader().execute(
            # Facts are text: only those that speak of a place are taken apart.
            "SELECT id, json_extract(facts, '$.place.latitude') AS lat, json_extract(facts, '$.place.longitude') AS lon"
            " FROM items WHERE removed_at = '' AND instr(facts, '\"latitude\"') AND abs(lat - ?) <= ?"
            " AND min(abs(lon - ?), 360 - abs(lon - ?)) <= ? LIMIT ?",
            (place.latitude, latitude, place.longitude, place.longitude, longitude, limit),
        )
        return [row[0] for row in rows]

    def same_recordings(self, item_id: int) -> dict[int, float]:
        """The items that fingerprints found to be the same, with how sure that is (0..1), unless a person said otherwise."""
        rows = self._reader().execute(
            "SELECT first_id + second_id - :item, sureness FROM likely_pairs JOIN items ON id = first_id + second_id - :item"
            " AND removed_at = '' WHERE (first_id = :item OR second_id = :item) AND kind IN ('video', 'music') AND NOT EXISTS"
            " (SELECT 1 FROM pair_words AS said WHERE said.first_id = likely_pairs.first_id"
            " AND said.second_id = likely_pairs.second_id AND word = 'different')",
            {"item": item_id},
        )
        return dict(rows.fetchall())

    def sureness(self, item_ids: Collection[int]) -> dict[int, float]:
        """How sure it is on the average (0..1) that the words of each item are what is said or written there."""
        found: dict[int, float] = {}
        ids = list(item_ids)
        for start in range(0, len(ids), _MANY):
            part = ids[start : start + _MANY]
            found.update(
                self._reader()
                .execute(
                    f"SELECT item_id, avg(score) FROM moments WHERE item_id IN ({_marks(part)}) AND layer = 'line'"
                    " AND is_covered = 0 GROUP BY item_id",
                    part,
                )
                .fetchall()
            )
        return found

    def telling(self, names: Collection[str], limit: int) -> list[tuple[int, int]]:
        """(moment_id, item_id) of lines that are said or written and hold one of the names, as it stands or with another
        ending, but not another word of the same stem (`like` is no `likeness`). None where `limit` or more may hold it.
        """
        wanted = " OR ".join(filter(None, (text_index.expression(name, is_phrase=True) for name in names)))
        found = text_index.match(self._reader(), wanted, senses=(Sense.SAID, Sense.WRITTEN), limit=limit)
        if len(found) >= limit:
            return []
        is_held = text_index.is_held(self._reader(), [each.moment_id for each in found], names)
        return [(each.moment_id, each.item_id) for each, holds in zip(found, is_held, strict=True) if holds]

    def excerpts(self, item_ids: Sequence[int]) -> Iterator[excerpts.Excerpt]:
        """A little of what is said and written in each of these items (`library.excerpts`)."""
        return excerpts.read(self._reader(), item_ids)


def _marks(values: Sequence[object] | Collection[str]) -> str:
    return ",".join("?" * len(values))
