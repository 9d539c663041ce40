"""What finding asks of the library: words, names, labels, vectors and filters. Reads only."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from heapq import nlargest
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from media_assistant.items.concept import Concept
from media_assistant.items.moment import Layer, Moment, Sense, Source
from media_assistant.items.naming import ConceptNames
from media_assistant.items.span import Span
from media_assistant.library import filter_store, moment_store, place_store, spelling, text_index
from media_assistant.library.concept_names import Version, load_names, version_of_names
from media_assistant.library.filter_store import Filter
from media_assistant.library.likeness_store import SENSES_OF, LikenessStore
from media_assistant.library.place_store import Placed
from media_assistant.library.span_columns import span_to_columns

if TYPE_CHECKING:
    from media_assistant.library.vector_store import VectorStore

Value = TypeVar("Value")

_AT = "span_kind = ? AND span_a = ? AND span_b = ? AND span_c = ?"

Row = TypeVar("Row", tuple[int, str], tuple[int, str, float])

_NEXT_LABEL = "SELECT min(concept_id) FROM suggested_tags WHERE concept_id > ?"
_SUREST = " ORDER BY score DESC LIMIT ?"
_MANY = 500
"""Parameters of one statement."""


class FindingStore:
    """Reads of one library for search and suggestions. Safe to ask from several threads.

    `reader` gives a read connection that the calling thread may use.
    """

    def __init__(self, reader: Callable[[], sqlite3.Connection]) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._vectors: VectorStore | None = None
        self.matrices: Path | None = None
        """Where the vectors' matrices are kept, to be set before they are first asked; None keeps them in memory."""
        self._names: tuple[Version, ConceptNames] | None = None
        self._read: dict[object, tuple[sqlite3.Connection, int, Any]] = {}
        """By connection and question: the state of the library when it was asked, and the answer."""

    @property
    def vectors(self) -> VectorStore:
        """The vectors of every space; made on first use, for it brings numpy with it."""
        from media_assistant.library.vector_store import VectorStore

        with self._lock:
            if self._vectors is None:
                self._vectors = VectorStore(self._reader, self.matrices)
            return self._vectors

    def close(self) -> None:
        """Stop what is done in the background."""
        with self._lock:
            vectors, self._vectors = self._vectors, None
        if vectors is not None:
            vectors.close()

    def names(self, vocabulary: Sequence[Concept] = ()) -> ConceptNames:
        """The names of all concepts of the library, and of `vocabulary` for parents that no item carries itself."""
        connection = self._reader()
        version = self._unchanged(
            connection, ("names", len(vocabulary)), lambda: version_of_names(connection, vocabulary)
        )
        with self._lock:
            if self._names is None or self._names[0] != version:
                self._names = version, load_names(connection, vocabulary)
            return self._names[1]

    @property
    def likeness(self) -> LikenessStore:
        """What only suggestions ask for."""
        return LikenessStore(self._reader)

    # Items and filters

    def count(self) -> int:
        """How many items there are."""
        connection = self._reader()
        return self._unchanged(
            connection,
            "count",
            lambda: int(connection.execute("SELECT count(*) FROM items WHERE removed_at = ''").fetchone()[0]),
        )

    def _unchanged(self, connection: sqlite3.Connection, what: object, read: Callable[[], Value]) -> Value:
        """What was read last through this connection if nobody has written to the library since."""
        version = connection.execute("PRAGMA data_version").fetchone()[0]
        key = id(connection), what
        with self._lock:
            kept = self._read.get(key)
        if kept is None or kept[0] is not connection or kept[1] != version:
            kept = connection, version, read()
            with self._lock:
                if len(self._read) > _MANY:
                    self._read.clear()
                self._read[key] = kept
        value: Value = kept[2]
        return value

    def all_ids(self) -> set[int]:
        """Every item."""
        return {row[0] for row in self._reader().execute("SELECT id FROM items WHERE removed_at = ''")}

    def newest(self, allowed: Collection[int] | None, limit: int) -> list[int]:
        """The items last added, newest first."""
        chosen: list[int] = []
        for (item_id,) in self._reader().execute(
            "SELECT id FROM items WHERE removed_at = '' ORDER BY added_at DESC, id DESC"
        ):
            if allowed is None or item_id in allowed:
                chosen.append(item_id)
                if len(chosen) == limit:
                    break
        return chosen

    def fitting(self, term: Filter) -> set[int]:
        """The items that a filter lets through."""
        return filter_store.fitting(self._reader(), term)

    def places(
        self, item_ids: Collection[int], concepts: Collection[str], senses: Sequence[Sense] = ()
    ) -> list[Placed]:
        """Where these items carry one of `concepts`, refused labels left out; with `senses`, only where noticed so."""
        return place_store.label_places(self._reader(), item_ids, self._named_so(concepts), senses)

    def places_of_lines(
        self, item_ids: Collection[int], text: str, senses: Sequence[Sense] = (), *, is_phrase: bool
    ) -> list[Placed]:
        """Where lines of these items hold the words."""
        wanted = text_index.expression(text, is_phrase=is_phrase)
        return place_store.line_places(self._reader(), item_ids, wanted, senses)

    def names_of(self, field: str, limit: int = 500) -> Sequence[tuple[str, int]]:
        """The artists, albums or folders (`artist`, `album`, `in`) of the library, with how many items each has."""
        if field == "in":
            return filter_store.folder_names(self._reader(), limit)
        return filter_store.names_in_tags(self._reader(), field, limit)

    def titled(self, title: str, limit: int) -> list[int]:
        """The items of this very title, in either case of letters, the newest first."""
        return filter_store.titled(self._reader(), title, limit)

    # Labels

    def labelled(
        self, concepts: Collection[str], senses: Sequence[Sense] = (), limit: int = 2000
    ) -> list[tuple[int, str, float]]:
        """(item_id, concept_id, score) where items carry one of `concepts`, the `limit` surest; what a person refused
        does not count, what a person said is sure. With `senses`, only where the label was noticed so.
        """
        found: list[tuple[int, str, float]] = []
        for part in _parts(self._named_so(concepts) if senses else list(concepts)):
            found += self._reader().execute(_labels_sql(part, senses, _SUREST), (*part, *senses, limit)).fetchall()
            if not senses:
                found += [(item_id, concept_id, 1.0) for item_id, concept_id in self._decided(part, "accepted")]
        found = self._without_refused(found)
        if len(found) > limit:
            found = nlargest(limit, found, key=lambda row: row[2])
        here = self.present({item_id for item_id, _, _ in found})
        return [row for row in found if row[0] in here]

    def labelled_among(self, item_ids: Collection[int], concepts: Collection[str]) -> list[tuple[int, str, float]]:
        """As `labelled`, of these items, all of them."""
        return [
            (item_id, concept_id, score)
            for item_id, labels in self.item_labels(item_ids).items()
            for concept_id, score in labels.items()
            if concept_id in concepts
        ]

    def having(self, concepts: Collection[str], senses: Sequence[Sense] = ()) -> set[int]:
        """Every item that carries one of `concepts`, however unsure; removed items may be among them."""
        found: list[tuple[int, str]] = []
        for part in _parts(self._named_so(concepts) if senses else list(concepts)):
            found += self._reader().execute(_labels_sql(part, senses, ""), (*part, *senses)).fetchall()
            if not senses:
                found += self._decided(part, "accepted")
        return {row[0] for row in self._without_refused(found)}

    def _named_so(self, concepts: Collection[str]) -> list[str]:
        """These, and what models name that the person made one with them."""
        merged = self._reader().execute(
            "SELECT concept_id, merged_into FROM own_concepts WHERE merged_into IS NOT NULL"
        )
        return [*concepts, *(concept_id for concept_id, target in merged if target in concepts)]

    def _decided(self, concepts: Sequence[str], state: str) -> list[tuple[int, str]]:
        return (
            self._reader()
            .execute(
                f"SELECT item_id, concept_id FROM decisions WHERE concept_id IN ({_marks(concepts)}) AND state = ? "
                "AND span_kind = 0",
                (*concepts, state),
            )
            .fetchall()
        )

    def _without_refused(self, found: list[Row]) -> list[Row]:
        refused = {pair for part in _parts(list({row[1] for row in found})) for pair in self._decided(part, "rejected")}
        return [row for row in found if row[:2] not in refused] if refused else found

    def present(self, item_ids: Collection[int]) -> set[int]:
        """Those of the items that are not removed."""
        return {
            row[0]
            for part in _parts(list(item_ids))
            for row in self._reader().execute(
                f"SELECT id FROM items WHERE id IN ({_marks(part)}) AND removed_at = ''", part
            )
        }

    def item_labels(self, item_ids: Iterable[int]) -> dict[int, dict[str, float]]:
        """For each item its concepts with their scores; refused ones left out."""
        found: dict[int, dict[str, float]] = {}
        for part in _parts(list(item_ids)):
            rows = self._reader().execute(
                f"SELECT item_id, concept_id, score FROM tags WHERE item_id IN ({_marks(part)}) AND state <> 'rejected'",
                part,
            )
            for item_id, concept_id, score in rows:
                found.setdefault(item_id, {})[concept_id] = score
        return found

    def label_counts(self, concepts: Collection[str]) -> dict[str, int]:
        """How many items carry each concept."""
        found: dict[str, int] = {}
        for part in _parts(list(concepts)):
            found.update(
                self._reader()
                .execute(
                    f"SELECT concept_id, count(*) FROM tags WHERE concept_id IN ({_marks(part)}) AND state <> 'rejected' "
                    "GROUP BY concept_id",
                    part,
                )
                .fetchall()
            )
        return found

    def label_ids(self) -> list[str]:
        """Every concept that some item carries as a model's label."""
        found: list[str] = []
        last = ""
        # From one concept to the next along the index: there are far fewer of them than of labels.
        while (row := self._reader().execute(_NEXT_LABEL, (last,)).fetchone()) and row[0] is not None:
            last = row[0]
            found.append(last)
        return found

    # Words

    def lines(
        self,
        text: str,
        *,
        senses: Sequence[Sense] = (),
        is_phrase: bool = False,
        is_prefix: bool = False,
        limit: int = 1000,
    ) -> list[tuple[int, int]]:
        """(moment_id, item_id) of lines that hold the words, best first."""
        wanted = text_index.expression(text, is_phrase=is_phrase, is_prefix=is_prefix)
        return [
            (each.moment_id, each.item_id)
            for each in text_index.match(self._reader(), wanted, senses=senses, limit=limit)
        ]

    def saying(self, text: str, *, senses: Sequence[Sense] = (), is_phrase: bool = False) -> set[int]:
        """Every item with a line that holds the words."""
        return text_index.match_all(self._reader(), text_index.expression(text, is_phrase=is_phrase), senses=senses)

    def lines_with_part(self, text: str, *, limit: int = 1000) -> list[tuple[int, int]]:
        """(moment_id, item_id) of lines that hold a good part of a run without spaces, which as a whole stands nowhere."""
        wanted = text_index.part_expression(text)
        return [(each.moment_id, each.item_id) for each in text_index.match(self._reader(), wanted, limit=limit)]

    def by_name(self, text: str, *, is_phrase: bool = False, is_prefix: bool = False, limit: int = 2000) -> list[int]:
        """The items whose title, file name or file tags hold the words, best first."""
        wanted = text_index.expression(text, is_phrase=is_phrase, is_prefix=is_prefix)
        return [item_id for item_id, _ in text_index.match_items(self._reader(), wanted, limit=limit)]

    def near_words(self, word: str, names: ConceptNames, *, is_prefix: bool = False) -> list[str]:
        """What a word that finds nothing was probably meant to be, likeliest first (`library.spelling`)."""
        return spelling.near_words(self._reader(), word, names.has_word, is_prefix=is_prefix)

    # Moments

    def moments(self, moment_ids: Iterable[int]) -> list[Moment]:
        """Stored moments by id, in no order; unknown ids are passed over."""
        return list(moment_store.fetch(self._reader(), list(moment_ids)).values())

    def label_moments(self, wanted: Mapping[int, Collection[str]], limit: int) -> list[Moment]:
        """For each item its label moments of the wanted concepts, at most `limit`, strongest first."""
        ids: list[int] = []
        for item_id, concepts in wanted.items():
            for part in _parts(self._named_so(concepts)):
                ids += self._ids(
                    f"concept_id IN ({_marks(part)}) AND item_id = ? AND layer = 'label' ORDER BY score DESC LIMIT ?",
                    [*part, item_id, limit],
                )
        return self.moments(ids)

    def moments_at(self, places: Iterable[tuple[int, Span, str]]) -> dict[tuple[int, Span, str], Moment]:
        """What stands where a vector of (item, span, space) is from: the line that it is of, or the shot, or, where it
        has no moment of its own, a bare one in the sense of the analyser that made it.
        """
        found: dict[tuple[int, Span, str], Moment] = {}
        chosen: dict[tuple[int, Span, str], int] = {}
        for item_id, span, space in dict.fromkeys(places):
            columns = span_to_columns(span)
            run = (
                self._reader()
                .execute(
                    "SELECT run_id, analyser, model FROM vectors JOIN runs ON runs.id = run_id WHERE vectors.item_id = ? "
                    f"AND space = ? AND {_AT} LIMIT 1",
                    (item_id, space, *columns),
                )
                .fetchone()
            )
            if run is None:
                continue
            run_id, analyser, model = run
            sense = SENSES_OF.get(analyser, Sense.SEEN)
            ids = self._ids(f"run_id = ? AND layer = 'line' AND is_covered = 0 AND {_AT} LIMIT 1", [run_id, *columns])
            if not ids and sense is Sense.SEEN:
                ids = self._ids(f"item_id = ? AND layer = 'shot' AND {_AT} LIMIT 1", [item_id, *columns])
            if ids:
                chosen[item_id, span, space] = ids[0]
            found[item_id, span, space] = Moment(
                span, sense, Layer.SHOT, source=Source(analyser, model), item_id=item_id
            )
        stored = moment_store.fetch(self._reader(), list(chosen.values()))
        return found | {place: stored[moment_id] for place, moment_id in chosen.items() if moment_id in stored}

    def _ids(self, where: str, values: Sequence[str | int]) -> list[int]:
        return [row[0] for row in self._reader().execute(f"SELECT id FROM moments WHERE {where}", values)]


def _labels_sql(concepts: Sequence[str], senses: Sequence[Sense], order: str) -> str:
    columns = "item_id, concept_id, score" if order else "item_id, concept_id"
    if not senses:
        return f"SELECT {columns} FROM suggested_tags WHERE concept_id IN ({_marks(concepts)}){order}"
    # Moments keep what the model named and how surely; what the person made of it is said here.
    return (
        f"SELECT {columns} FROM (SELECT item_id, ifnull(merged.merged_into, moments.concept_id) AS concept_id,"
        " max(score) AS score FROM moments LEFT JOIN own_concepts AS merged ON merged.concept_id = moments.concept_id"
        " LEFT JOIN own_concepts AS own ON own.concept_id = ifnull(merged.merged_into, moments.concept_id)"
        f" WHERE moments.concept_id IN ({_marks(concepts)}) AND sense IN ({_marks(senses)})"
        " AND score >= ifnull(own.lowest_score, 0) AND ifnull(run_id, 0) NOT IN (SELECT runs.id FROM quiet_models"
        f" CROSS JOIN runs ON runs.model = quiet_models.model) GROUP BY 2, 1){order}"
    )


def _marks(values: Collection[object]) -> str:
    return ",".join("?" * len(values))


def _parts(values: list[Value]) -> Iterator[list[Value]]:
    for start in range(0, len(values), _MANY):
        yield values[start : start + _MANY]
