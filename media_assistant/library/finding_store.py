"""What finding asks of the library: words, names, labels, vectors and filters. Reads only."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from media_assistant.items.concept import Concept
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense, Source
from media_assistant.items.naming import ConceptNames
from media_assistant.items.span import Span
from media_assistant.library import filter_store, label_reading, moment_store, spelling, text_index
from media_assistant.library.concept_names import Version, load_names, version_of_names, with_new_words
from media_assistant.library.filter_store import Filter
from media_assistant.library.likeness_store import SENSES_OF, LikenessStore
from media_assistant.library.span_columns import span_to_columns
from media_assistant.library.unchanged import Unchanged

if TYPE_CHECKING:
    from media_assistant.library.item_set import ItemSet
    from media_assistant.library.line_items import LineItems
    from media_assistant.library.place_store import Placed
    from media_assistant.library.vectors.vector_store import VectorStore

_LIVING = "SELECT id FROM items WHERE removed_at = ''"
_NEWEST = f"{_LIVING} ORDER BY added_at DESC, id DESC"
_AT = "span_kind = ? AND span_a = ? AND span_b = ? AND span_c = ?"
# By the index that knows where a moment begins: a run may have thousands.
_STANDS_AT = f"SELECT id FROM moments INDEXED BY moments_by_item WHERE item_id = ? AND layer = ? AND {_AT}"
_LINE_AT = f"{_STANDS_AT} AND run_id = ? AND is_covered = 0"
_SETS = 32
"""Sets that are remembered, each a byte an item."""


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
        self._names: dict[int, tuple[Version, ConceptNames]] = {}
        """By the size of the vocabulary."""
        self._line_items: LineItems | None = None
        self._sets, self._numbers = Unchanged(_SETS), Unchanged(_SETS)
        self.before_closing: list[Callable[[], None]] = []
        """What others keep of this library, and end with it."""

    @property
    def vectors(self) -> VectorStore:
        """The vectors of every space; made on first use, for it brings numpy with it."""
        from media_assistant.library.vectors.vector_store import VectorStore

        with self._lock:
            if self._vectors is None:
                self._vectors = VectorStore(self._reader, self.matrices)
            return self._vectors

    @property
    def line_items(self) -> LineItems:
        """Lines that hold words."""
        from media_assistant.library.line_items import LineItems

        with self._lock:
            if self._line_items is None:
                self._line_items = LineItems(self._reader)
            return self._line_items

    def close(self) -> None:
        """Stop what is done in the background."""
        while self.before_closing:
            self.before_closing.pop()()
        with self._lock:
            vectors, self._vectors = self._vectors, None
            line_items, self._line_items = self._line_items, None
        for each in (vectors, line_items):
            if each is not None:
                each.close()

    def names(self, vocabulary: Sequence[Concept] = ()) -> ConceptNames:
        """The names of all concepts of the library, and of `vocabulary` for parents that no item carries itself."""
        connection = self._reader()
        version = self._numbers.get(
            connection, ("names", len(vocabulary)), lambda reader: version_of_names(reader, vocabulary)
        )
        with self._lock:
            kept = self._names.get(len(vocabulary))
            if kept is not None and kept[0] == version:
                return kept[1]
            if kept is not None and kept[0].others == version.others and kept[0].words < version.words:
                names = with_new_words(connection, kept[1])
            else:
                names = load_names(connection, vocabulary)
            self._names[len(vocabulary)] = version, names
            return names

    @property
    def likeness(self) -> LikenessStore:
        """What only suggestions ask for."""
        return LikenessStore(self._reader)

    # Items and filters

    def count(self) -> int:
        """How many items there are."""
        return self._numbers.get(
            self._reader(),
            "count",
            lambda reader: int(reader.execute("SELECT count(*) FROM items WHERE removed_at = ''").fetchone()[0]),
        )

    def living(self) -> ItemSet:
        """Every item that is not removed."""
        from media_assistant.library.item_set import read_set

        return self._sets.get(self._reader(), "living", lambda reader: read_set(reader, _LIVING))

    def set_of(self, item_ids: Iterable[int]) -> ItemSet:
        """A set as all others here are."""
        from media_assistant.library.item_set import ItemSet

        return item_ids if isinstance(item_ids, ItemSet) else ItemSet.of(item_ids)

    def newest(self, allowed: Iterable[int] | None, limit: int) -> list[int]:
        """The items last added, newest first."""
        from media_assistant.library.item_set import read_ids

        order = self._sets.get(self._reader(), "newest", lambda reader: read_ids(reader, _NEWEST))
        if allowed is not None:
            order = order[self.set_of(allowed).among(order)]
        chosen: list[int] = order[:limit].tolist()
        return chosen

    def fitting(self, term: Filter) -> ItemSet:
        """The items that a filter lets through."""
        return self._sets.get(self._reader(), term, lambda reader: filter_store.fitting(reader, term))

    def places(self, items: ItemSet, concepts: Collection[str], senses: Sequence[Sense] = ()) -> Placed:
        """Where these items carry one of `concepts`, refused labels left out; with `senses`, only where noticed so."""
        from media_assistant.library.place_store import label_places

        return label_places(self._reader(), items, label_reading.named_so(self._reader(), concepts), senses)

    def places_of_lines(self, items: ItemSet, text: str, senses: Sequence[Sense] = (), *, is_phrase: bool) -> Placed:
        """Where lines of these items hold the words."""
        from media_assistant.library.place_store import line_places

        ids, owners = self.line_items.all(text_index.expression(text, is_phrase=is_phrase), senses)
        there = items.among(owners)
        return line_places(self._reader(), ids[there], owners[there])

    def names_of(self, field: str, limit: int = 500) -> Sequence[tuple[str, int]]:
        """The artists, albums or folders (`artist`, `album`, `in`) of the library, with how many items each has."""
        if field == "in":
            return filter_store.folder_names(self._reader(), limit)
        return filter_store.names_in_tags(self._reader(), field, limit)

    def titles_begun(self, begun: str, limit: int = 200) -> list[tuple[str, Kind]]:
        """(title, kind) of items whose own words begin so, the newest first; of nothing the newest of all."""
        return [(title, Kind(kind)) for title, kind in filter_store.titles_begun(self._reader(), begun, limit)]

    def titled(self, name: str, limit: int) -> list[int]:
        """The items of this very title, or with a file of this very name, in either case of letters, the newest first."""
        return filter_store.titled(self._reader(), name, limit)

    # Labels

    def labelled(
        self, concepts: Collection[str], senses: Sequence[Sense] = (), limit: int = 2000
    ) -> list[tuple[int, str, float]]:
        """(item_id, concept_id, score) where items carry one of `concepts`, the `limit` surest; what a person refused
        does not count, what a person said is sure. With `senses`, only where the label was noticed so.
        """
        return label_reading.labelled(self._reader(), concepts, senses, limit)

    def labelled_among(self, item_ids: Collection[int], concepts: Collection[str]) -> list[tuple[int, str, float]]:
        """As `labelled`, of these items, all of them."""
        return label_reading.labelled_among(self._reader(), item_ids, concepts)

    def having(self, concepts: Collection[str], senses: Sequence[Sense] = ()) -> ItemSet:
        """Every item that carries one of `concepts`, however unsure."""
        question = "having", frozenset(concepts), tuple(senses)
        return self._sets.get(
            self._reader(), question, lambda reader: label_reading.having(reader, concepts, senses) & self.living()
        )

    def item_labels(self, item_ids: Iterable[int]) -> dict[int, dict[str, float]]:
        """For each item its concepts with their scores; refused ones left out."""
        return label_reading.item_labels(self._reader(), list(item_ids))

    def label_counts(self, concepts: Collection[str]) -> dict[str, int]:
        """How many items carry each concept."""
        return label_reading.counts(self._reader(), concepts)

    def label_ids(self) -> list[str]:
        """Every concept that some item carries as a model's label."""
        return label_reading.label_ids(self._reader())

    # Words

    def lines(
        self,
        text: str,
        *,
        senses: Sequence[Sense] = (),
        is_phrase: bool = False,
        is_prefix: bool = False,
        is_ordered: bool = True,
        limit: int = 1000,
    ) -> list[tuple[int, int]]:
        """(moment_id, item_id) of lines that hold the words, the `limit` best, best first; unless `is_ordered` in no order,
        and all of them where they are not very many.
        """
        wanted = text_index.expression(text, is_phrase=is_phrase, is_prefix=is_prefix)
        return self.line_items.best(wanted, senses, limit, is_ordered=is_ordered)

    def lines_among(self, text: str, items: ItemSet, limit: int) -> list[tuple[int, int]]:
        """(moment_id, item_id) of the lines of these items that hold the words in this order; of more than `limit` one of each
        item.
        """
        return self.line_items.among(text_index.expression(text, is_phrase=True), items, limit)

    def saying(self, text: str, *, senses: Sequence[Sense] = (), is_phrase: bool = False) -> ItemSet:
        """Every item with a line that holds the words."""
        wanted = text_index.expression(text, is_phrase=is_phrase)
        question = "saying", wanted, tuple(senses)
        return self._sets.get(self._reader(), question, lambda _: self.line_items.having(wanted, senses))

    def with_words(self, text: str) -> ItemSet:
        """Every item with the words in this order in a line, its title, its file's name or tags; looked up, and not kept."""
        wanted = text_index.expression(text, is_phrase=True)
        if not wanted:
            return self.set_of(())
        return self.line_items.having(wanted, ()) | text_index.match_all_items(self._reader(), wanted)

    def lines_with_part(self, text: str, *, limit: int = 1000) -> list[tuple[int, int]]:
        """(moment_id, item_id) of lines that hold a good part of a run without spaces, which as a whole stands nowhere."""
        return self.line_items.best(text_index.part_expression(text), (), limit)

    def by_name(self, text: str, *, is_phrase: bool = False, is_prefix: bool = False, limit: int = 2000) -> list[int]:
        """The items whose title, file name or file tags hold the words, in no order; of very many the `limit` newest."""
        wanted = text_index.expression(text, is_phrase=is_phrase, is_prefix=is_prefix)
        return text_index.match_items(self._reader(), wanted, limit=limit)

    def named(self, text: str) -> ItemSet:
        """Every item whose title, file name or file tags hold the words in this order."""
        wanted = text_index.expression(text, is_phrase=True)
        return text_index.match_all_items(self._reader(), wanted) if wanted else self.set_of(())

    def near_words(self, word: str, names: ConceptNames, *, is_prefix: bool = False) -> list[str]:
        """What a word that finds nothing was probably meant to be, likeliest first (`library.spelling`)."""
        return spelling.near_words(self._reader(), word, names, is_prefix=is_prefix)

    def near_runs(self, run: str, piece: str, names: ConceptNames, *, is_prefix: bool = False) -> list[str]:
        """The same for a piece of a run of Chinese that finds nothing: what the whole run was probably meant to be."""
        return spelling.near_runs(self._reader(), run, piece, names, is_prefix=is_prefix)

    # Moments

    def moments(self, moment_ids: Iterable[int]) -> list[Moment]:
        """Stored moments by id, in no order; unknown ids are passed over."""
        return list(moment_store.fetch(self._reader(), list(moment_ids)).values())

    def label_moments(self, wanted: Mapping[int, Collection[label_reading.Noticed]], limit: int) -> list[Moment]:
        """For each item its label moments of the wanted concepts, noticed so, at most `limit`, strongest first; without
        what is refused, below a tag's own threshold, or a model's that the person does not want to hear.
        """
        return self.moments(label_reading.moments_of(self._reader(), wanted, limit))

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
            ids = self._standing(_LINE_AT, item_id, "line", *columns, run_id)
            if not ids and sense is Sense.SEEN:
                ids = self._standing(_STANDS_AT, item_id, "shot", *columns)
            if ids:
                chosen[item_id, span, space] = ids[0]
            found[item_id, span, space] = Moment(
                span, sense, Layer.SHOT, source=Source(analyser, model), item_id=item_id
            )
        stored = moment_store.fetch(self._reader(), list(chosen.values()))
        return found | {place: stored[moment_id] for place, moment_id in chosen.items() if moment_id in stored}

    def _standing(self, sql: str, *values: str | int) -> list[int]:
        return [row[0] for row in self._reader().execute(f"{sql} LIMIT 1", values)]
