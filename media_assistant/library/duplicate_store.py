"""Duplicates: what was found of them, what a person says, and how one takes the place of others.

`fingerprints` are what analyses stored; `likely_pairs` follow from them and are kept up by `workflows.duplicates.finding_duplicates`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.duplicates import Agreement, LikelyPair
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer
from media_assistant.items.span import TimeSpan
from media_assistant.library import (
    belonging,
    collection_store,
    history_store,
    moment_store,
    pair_store,
    rating_store,
    tag_store,
)
from media_assistant.library.database import Database, now
from media_assistant.library.history_store import Edit
from media_assistant.library.item_reading import living
from media_assistant.library.judging import Judgements
from media_assistant.library.steps import perform

_NEWEST = (
    "SELECT item_id, max(fingerprints.id) AS newest FROM fingerprints JOIN items ON items.id = item_id"
    " AND removed_at = '' GROUP BY item_id"
)


class StoredPrint(NamedTuple):
    """A row of the table of fingerprints with the kind and the length of its item."""

    item_id: int
    kind: Kind
    duration_ms: int
    form: str
    start_ms: int
    marks: bytes


class Duplicates(Judgements):
    """A part of `Library`."""

    _database: Database

    # What is found

    def uncompared(self) -> dict[int, int]:
        """Items whose fingerprints were not compared with the others yet, with the last fingerprint of each; without those
        whose fingerprints are a former file's.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT found.item_id, newest FROM ({_NEWEST}) AS found LEFT JOIN compared_items"
                " ON compared_items.item_id = found.item_id WHERE fingerprint_id IS NOT newest AND NOT EXISTS"
                " (SELECT 1 FROM fingerprints JOIN runs ON runs.id = run_id WHERE fingerprints.id = newest"
                f" AND is_stale = {moment_store.STALE})"
            )
            return dict(rows.fetchall())

    def compared(self) -> list[tuple[int, int, Kind]]:
        """Items that were compared as they are now, with the last fingerprint of each; also those that were taken out of
        the library, for they may come back.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT item_id, fingerprint_id, kind FROM compared_items JOIN items ON items.id = item_id WHERE"
                " fingerprint_id = (SELECT max(id) FROM fingerprints WHERE fingerprints.item_id = compared_items.item_id)"
            )
            return [(item_id, last, Kind(kind)) for item_id, last, kind in rows]

    def kinds(self, item_ids: Iterable[int]) -> dict[int, Kind]:
        """Of what these items are."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT id, kind FROM items WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(item_ids)),)
            )
            return {item_id: Kind(kind) for item_id, kind in rows}

    def fingerprints(self, forms: Sequence[str], item_ids: Iterable[int]) -> list[StoredPrint]:
        """Those of these items, item by item and in the order of their time."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT item_id, kind, duration_ms, form, start_ms, marks FROM fingerprints JOIN items"
                " ON items.id = item_id WHERE form IN (SELECT value FROM json_each(?))"
                " AND item_id IN (SELECT value FROM json_each(?)) ORDER BY item_id, form, start_ms, fingerprints.id",
                (json.dumps(list(forms)), json.dumps(list(item_ids))),
            )
            return [StoredPrint(item_id, Kind(kind), *rest) for item_id, kind, *rest in rows]

    def save_pairs(self, compared: Mapping[int, int], pairs: Iterable[LikelyPair]) -> LibraryChanges:
        """What was found of the items that `compared` names; what was known of them before goes. Not an edit."""
        ids = json.dumps(list(compared))
        touched: set[int] = set()
        with self._database.transaction() as connection:
            among = "(SELECT value FROM json_each(?))"
            gone = connection.execute(
                f"DELETE FROM likely_pairs WHERE first_id IN {among} OR second_id IN {among} RETURNING first_id, second_id",
                (ids, ids),
            ).fetchall()
            known = {row[0] for row in connection.execute(f"SELECT id FROM items WHERE id IN {among}", (ids,))}
            for pair in pairs:
                connection.execute(
                    "INSERT OR REPLACE INTO likely_pairs SELECT ?, ?, ?, ? WHERE 2 ="
                    " (SELECT count(*) FROM items WHERE id IN (?, ?))",
                    (
                        pair.first_id,
                        pair.second_id,
                        float(pair.sureness),
                        json.dumps(pair.agreement.to_plain()),
                        pair.first_id,
                        pair.second_id,
                    ),
                )
                touched |= {pair.first_id, pair.second_id}
            connection.executemany(
                "INSERT INTO compared_items VALUES (?, ?) ON CONFLICT DO UPDATE SET fingerprint_id = excluded.fingerprint_id",
                [(item_id, last) for item_id, last in compared.items() if item_id in known],
            )
        touched |= {item_id for row in gone for item_id in row}
        return LibraryChanges(moments=tuple(sorted(touched)))

    def likely_pairs(self) -> list[LikelyPair]:
        """Of items that are in the library and that the person did not call different."""
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT likely_pairs.first_id, likely_pairs.second_id, sureness, agreement {pair_store.LIKELY}"
                " ORDER BY sureness DESC, likely_pairs.first_id, likely_pairs.second_id"
            ).fetchall()
        return [LikelyPair(one, other, sure, Agreement.from_plain(json.loads(text))) for one, other, sure, text in rows]

    def pair_words(self) -> dict[tuple[int, int], str]:
        """What the person said of pairs, the lower id first."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT first_id, second_id, word FROM pair_words").fetchall()
        return {(first, second): word for first, second, word in rows}

    def copied_items(self) -> list[int]:
        """Items whose very bytes lie at more than one place."""
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT id FROM items WHERE removed_at = '' AND id IN ({pair_store.COPIED}) ORDER BY id"
            )
            return [row[0] for row in rows]

    # What a person does

    def part_items(self, item_ids: Sequence[int]) -> LibraryChanges:
        """No two of these are the same, whatever is found: one step of undo."""
        with self._database.transaction() as connection:
            pairs = combinations(living(connection, item_ids), 2)
            edits = [pair_store.say_of_pair(one, other, pair_store.DIFFERENT) for one, other in pairs]
            return perform(connection, "part_duplicates", edits)

    def keep_item(self, kept: int, others: Sequence[int]) -> LibraryChanges:
        """`others` leave the library for `kept`, which takes over their tags, notes, stars and places in collections: one
        step of undo. No file is touched.
        """
        with self._database.transaction() as connection:
            alive = set(living(connection, [kept, *others]))
            gone = [each for each in dict.fromkeys(others) if each in alive and each != kept]
            if kept not in alive or not gone:
                return LibraryChanges()
            at = now()
            return perform(
                connection,
                "keep_duplicate",
                [
                    *(pair_store.keep(kept, each) for each in gone),
                    *_carried_over(connection, kept, gone),
                    *(belonging.remove(each, at) for each in gone),
                ],
            )


def _carried_over(connection: sqlite3.Connection, kept: int, gone: Sequence[int]) -> list[Edit]:
    """What the person said of the others and not of the one that is kept."""
    edits: list[Edit] = []
    tags: dict[str, Any] = {}
    marks: dict[TimeSpan, str] = {}
    stars = [found for each in gone if (found := rating_store.stars_of(connection, each)) is not None]
    length_ms = connection.execute("SELECT duration_ms FROM items WHERE id = ?", (kept,)).fetchone()[0]
    known = {moment.span for moment in moment_store.of_item(connection, kept, layer=Layer.MARK)}
    for each in gone:
        rows = connection.execute(
            "SELECT concept_id FROM decisions WHERE item_id = ? AND span_kind = 0 ORDER BY concept_id", (each,)
        )
        for (concept_id,) in rows.fetchall():
            if tag_store.decision(connection, kept, concept_id) is None:
                tags.setdefault(concept_id, tag_store.decision(connection, each, concept_id))
        later_ms = _offset_ms(connection, each, kept)
        for mark in moment_store.of_item(connection, each, layer=Layer.MARK):
            if not isinstance(mark.span, TimeSpan):
                continue
            start, end = mark.span.start_ms + later_ms, mark.span.end_ms + later_ms
            span = TimeSpan(max(0, start), max(0, end))
            # A note at what was trimmed away has no place any more.
            if end >= 0 and (not length_ms or start <= length_ms) and span not in known:
                marks.setdefault(span, mark.text)
    edits += [history_store.decide(kept, concept_id, state) for concept_id, state in tags.items()]
    edits += [history_store.mark(kept, span, note) for span, note in marks.items()]
    if stars and rating_store.stars_of(connection, kept) is None:
        edits.append(rating_store.rate(kept, max(stars)))
    # From the items, not from the collections: those are many, and some hold the whole library.
    rows = connection.execute(
        "SELECT collection_id, min(place) FROM collection_items AS held JOIN collections ON collections.id = collection_id"
        " AND query = '' WHERE item_id IN (SELECT value FROM json_each(?)) AND NOT EXISTS (SELECT 1 FROM collection_items"
        " AS own WHERE own.item_id = ? AND own.collection_id = held.collection_id)"
        " GROUP BY collection_id ORDER BY collection_id",
        (json.dumps(list(gone)), kept),
    )
    edits += [collection_store.change_entries(collection_id, [], [(kept, place)]) for collection_id, place in rows]
    return edits


def _offset_ms(connection: sqlite3.Connection, source: int, target: int) -> int:
    """How much later something is in `target`, as far as it was found."""
    row = connection.execute(
        "SELECT json_extract(agreement, '$.offset_ms') FROM likely_pairs WHERE first_id = ? AND second_id = ?",
        (min(source, target), max(source, target)),
    ).fetchone()
    offset_ms = int(row[0] or 0) if row else 0
    return offset_ms if source < target else -offset_ms
