"""Full text of the library in SQLite's FTS5.

Two tables: `moment_text` (row id = moment id; one column per sense, so that `said:` is a column filter) and
`item_text` (row id = item id; titles, file names and file tags). Both keep their folded text, for SQLite before 3.43
can only delete from an index whose old text is at hand, and folding may change between versions of this program.

Text is made `findable` in Python (`items.folding`), stemmed and cut into words by FTS5 (`porter unicode61`). Labels are not
indexed here: their few names are matched as concepts, once, not once per moment.

The functions that write expect to run inside the caller's transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from media_assistant.items.folding import bare, cut, cut_query, findable, has_unspaced, has_variants
from media_assistant.items.moment import Sense

if TYPE_CHECKING:
    from media_assistant.library.item_set import Ints, ItemSet

_SENSES = tuple(sense.value for sense in (Sense.SEEN, Sense.SAID, Sense.HEARD, Sense.WRITTEN))

_COMMON = 2_000
"""Above this many matches BM25, about a microsecond each, would cost more than it tells: lines are short, and a word
that stands in so many of them ranks none of them. The newest are given then."""
_BEST, _NEWEST = "rank", "rowid DESC"
_MANY = 500
"""Parameters of one statement."""
_AT_A_TIME = 10_000
_ENDING = 3
_ALL_TEXT = " || ' ' || ".join(f"ifnull({sense}, '')" for sense in _SENSES)

_TOKENIZER = "porter unicode61 remove_diacritics 2 categories ''L* N* Co M*''"

# Endings that porter takes off: a word half typed (`walki`) must find what its whole (`walking`) would.
_ENDINGS = ("ing", "ed", "es", "ies", "ness", "ment", "ation")


@dataclass(frozen=True, slots=True)
class TextMatch:
    """A moment whose words match. `score` is BM25, higher is better, comparable within one answer only."""

    moment_id: int
    item_id: int
    score: float


def create(connection: sqlite3.Connection) -> None:
    """Make the empty index; part of the first migration."""
    columns = ", ".join(_SENSES)
    connection.execute(
        f"CREATE VIRTUAL TABLE moment_text USING fts5({columns}, item_id UNINDEXED, "
        f"tokenize = '{_TOKENIZER}', prefix = '1 2 3')"
    )
    connection.execute(f"CREATE VIRTUAL TABLE item_text USING fts5(words, tokenize = '{_TOKENIZER}', prefix = '1 2 3')")


def make_bare(connection: sqlite3.Connection) -> None:
    """Index anew the lines that earlier versions folded otherwise; part of the sixth migration."""
    for table, names in (("moment_text", _SENSES), ("item_text", ("words",))):
        read = f"SELECT rowid, {', '.join(names)} FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT {_AT_A_TIME}"
        write = f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in names)} WHERE rowid = ?"
        last = 0
        while rows := connection.execute(read, (last,)).fetchall():
            last = rows[-1][0]
            changed = (row for row in rows if any(text and has_variants(text) for text in row[1:]))
            connection.executemany(
                write, [(*(text and bare(text) for text in texts), row_id) for row_id, *texts in changed]
            )


def is_sound(connection: sqlite3.Connection) -> bool:
    """Whether the indexes fit the words that they keep. Asked inside a transaction, though nothing is written."""
    try:
        for table in ("moment_text", "item_text"):
            connection.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
    except sqlite3.DatabaseError:
        return False
    return True


def index_moment(connection: sqlite3.Connection, moment_id: int, item_id: int, sense: Sense | str, text: str) -> None:
    """Make a line findable. Replaces what was indexed for `moment_id` before."""
    index_moments(connection, [(moment_id, item_id, sense, text)])


def index_moments(connection: sqlite3.Connection, rows: Iterable[tuple[int, int, Sense | str, str]]) -> None:
    """Many of `index_moment`: (moment_id, item_id, sense, text)."""
    by_sense: dict[str, list[tuple[int, int, str]]] = {}
    for moment_id, item_id, sense, text in rows:
        if text.strip():
            by_sense.setdefault(str(sense), []).append((moment_id, item_id, cut(findable(text))))
    for sense, lines in by_sense.items():
        if sense not in _SENSES:
            raise ValueError(f"not a sense: {sense!r}")
        connection.executemany(f"INSERT OR REPLACE INTO moment_text (rowid, item_id, {sense}) VALUES (?, ?, ?)", lines)


def unindex_moments(connection: sqlite3.Connection, moment_ids: Iterable[int]) -> None:
    """Forget lines; ids that were never indexed (labels, shots) are passed over."""
    connection.executemany("DELETE FROM moment_text WHERE rowid = ?", [(moment_id,) for moment_id in moment_ids])


def index_item(connection: sqlite3.Connection, item_id: int, text: str) -> None:
    """Make an item findable by its own words: title, file names (`folding.split_name`), file tags, own tags' names.

    Replaces what was indexed for the item before.
    """
    connection.execute("INSERT OR REPLACE INTO item_text (rowid, words) VALUES (?, ?)", (item_id, cut(findable(text))))


def unindex_item(connection: sqlite3.Connection, item_id: int) -> None:
    """Forget an item's own words. Its moments are forgotten with `unindex_moments`."""
    connection.execute("DELETE FROM item_text WHERE rowid = ?", (item_id,))


def expression(text: str, *, is_phrase: bool = False, is_prefix: bool = False) -> str:
    """The FTS5 expression that finds `text`; empty if it holds no word.

    Words are joined by AND, or stand in a row if `is_phrase`. With `is_prefix` the last word may be unfinished.
    Everything is quoted: no character of a query is an operator.
    """
    folded = findable(text)
    parts = [cut_query(folded)] if is_phrase else [cut_query(part) for part in folded.split()]
    words = [" ".join(part.split()) for part in parts]
    words = [word for word in words if word]
    if not words:
        return ""
    terms = [_term(word) for word in words[:-1]]
    terms.append(_half_typed(words[-1]) if is_prefix else _term(words[-1]))
    return " AND ".join(terms)


def whole_word(word: str, *, is_prefix: bool) -> str:
    """The expression for one folded word of letters, or for what begins so."""
    return f'"{word}"*' if is_prefix else f'"{word}"'


def part_expression(text: str) -> str:
    """Finds a good part of a run without spaces that stands nowhere as a whole: two neighbouring pairs, three characters.

    Empty for text with spaces between its words, and for runs too short to have parts.
    """
    folded = findable(text).strip()
    pairs = cut_query(folded).split()
    if " " in folded or not has_unspaced(folded) or len(pairs) < 3:
        return ""
    return " OR ".join(f'"{one} {other}"' for one, other in pairwise(pairs))


def match(
    connection: sqlite3.Connection, wanted: str, *, senses: Sequence[Sense | str] = (), limit: int = 1000
) -> list[TextMatch]:
    """The moments whose words match an `expression`, best first; `senses` narrows to some of the four.

    Of a word that very many lines hold, the newest are given, all with the same score.
    """
    if not wanted:
        return []
    wanted = _in_senses(wanted, senses)
    order = _order(connection, "moment_text", wanted)
    score = "-rank" if order == _BEST else "0.0"
    rows = connection.execute(
        f"SELECT rowid, item_id, {score} FROM moment_text WHERE moment_text MATCH ? ORDER BY {order} LIMIT ?",
        (wanted, limit),
    )
    return [TextMatch(*row) for row in rows]


def is_held(connection: sqlite3.Connection, moment_ids: Sequence[int], names: Collection[str]) -> list[bool]:
    """For each of these lines whether one of the names stands in it with no more than another ending: porter takes off
    whole syllables, so that what `match` finds may be another word.
    """
    wanted = [cut_query(findable(name)).split() for name in names]
    texts: dict[int, str] = {}
    for start in range(0, len(moment_ids), _MANY):
        some = moment_ids[start : start + _MANY]
        rows = connection.execute(
            f"SELECT rowid, {_ALL_TEXT} FROM moment_text WHERE rowid IN ({','.join('?' * len(some))})", some
        )
        texts.update(rows)
    # Lines of before the sixth schema keep their accents.
    return [_holds(bare(texts.get(each, "")).split(), wanted) for each in moment_ids]


def _holds(words: Sequence[str], names: Iterable[Sequence[str]]) -> bool:
    return any(all(any(_is_form(word, part) for word in words) for part in name) for name in names)


def _is_form(one: str, other: str) -> bool:
    """Whether two words differ by an ending of three letters at most: `walks`, `walking`. A lone unspaced character begins
    a pair.
    """
    if has_unspaced(other):
        return one.startswith(other)
    least = max(3, max(len(one), len(other)) - _ENDING)
    return one == other or one[:least] == other[:least]


def match_ids(
    connection: sqlite3.Connection,
    wanted: str,
    *,
    senses: Sequence[Sense | str] = (),
    limit: int = 1000,
    is_ordered: bool = True,
) -> Ints:
    """The moments that `match` gives, by their ids alone: whose they are is what it takes longest to read. Unless
    `is_ordered`, they come in no order, and all of them where they need not be ranked.
    """
    wanted = _in_senses(wanted, senses)
    if is_ordered:
        return _ranked_ids(connection, "moment_text", wanted, limit)
    return _some_ids(connection, "moment_text", wanted, limit)


def all_ids(connection: sqlite3.Connection, wanted: str, *, senses: Sequence[Sense | str] = ()) -> Ints:
    """Every moment that matches, in the order of the ids."""
    from media_assistant.library.item_set import read_ids

    return read_ids(
        connection, "SELECT rowid FROM moment_text WHERE moment_text MATCH ?", (_in_senses(wanted, senses),)
    )


def all_with_items(
    connection: sqlite3.Connection, wanted: str, *, senses: Sequence[Sense | str] = ()
) -> tuple[Ints, Ints]:
    """Every moment that matches, and its item."""
    from media_assistant.library.item_set import numbers

    ids, items = connection.execute(
        "SELECT group_concat(rowid), group_concat(item_id) FROM moment_text WHERE moment_text MATCH ?",
        (_in_senses(wanted, senses),),
    ).fetchone()
    return numbers(ids), numbers(items)


def match_all(connection: sqlite3.Connection, wanted: str, *, senses: Sequence[Sense | str] = ()) -> ItemSet:
    """Every item with a line that matches."""
    from media_assistant.library.item_set import read_set

    return read_set(
        connection, "SELECT item_id FROM moment_text WHERE moment_text MATCH ?", (_in_senses(wanted, senses),)
    )


def _order(connection: sqlite3.Connection, table: str, wanted: str) -> str:
    """Of what is common, ranking all would cost more than it tells."""
    matching = connection.execute(
        f"SELECT count(*) FROM (SELECT rowid FROM {table} WHERE {table} MATCH ? LIMIT ?)", (wanted, _COMMON + 1)
    ).fetchone()[0]
    return _BEST if matching <= _COMMON else _NEWEST


def _ranked_ids(connection: sqlite3.Connection, table: str, wanted: str, limit: int) -> Ints:
    """The `limit` best, best first. Of what is common, ranking all would cost more than it tells; and reading the newest tells
    whether it is, where counting would go through all that begins with a half-typed word once more.
    """
    found = _ids(connection, table, wanted, _NEWEST, max(limit, _COMMON + 1))
    return found[:limit] if len(found) > _COMMON else _ids(connection, table, wanted, _BEST, limit)


def _some_ids(connection: sqlite3.Connection, table: str, wanted: str, limit: int) -> Ints:
    """All of them, and of very many the `limit` newest: none is ranked. To rank lines that hold several words FTS5 counts
    every line that holds one of them, and that of common words takes longest of all.
    """
    found = _ids(connection, table, wanted, _NEWEST, max(limit, _COMMON + 1))
    return found if len(found) <= _COMMON else found[:limit]


def _ids(connection: sqlite3.Connection, table: str, wanted: str, order: str, limit: int) -> Ints:
    from media_assistant.library.item_set import read_ids

    return read_ids(
        connection, f"SELECT rowid FROM {table} WHERE {table} MATCH ? ORDER BY {order} LIMIT ?", (wanted, limit)
    )


def _in_senses(wanted: str, senses: Sequence[Sense | str]) -> str:
    return f"{{{' '.join(str(sense) for sense in senses)}}} : ({wanted})" if senses else wanted


def match_items(connection: sqlite3.Connection, wanted: str, *, limit: int = 1000) -> list[int]:
    """The items whose own words match an `expression`, in no order: all, and of a word that very many have, the `limit`
    newest.
    """
    if not wanted:
        return []
    ids: list[int] = _some_ids(connection, "item_text", wanted, limit).tolist()
    return ids


def match_all_items(connection: sqlite3.Connection, wanted: str) -> ItemSet:
    """Every item whose own words match."""
    from media_assistant.library.item_set import read_set

    return read_set(connection, "SELECT rowid FROM item_text WHERE item_text MATCH ?", (wanted,))


def _term(word: str) -> str:
    # A lone unspaced character begins a pair in the index, so it is always a prefix.
    last = word.rpartition(" ")[2]
    return f'"{word}"*' if len(last) == 1 and has_unspaced(last) else f'"{word}"'


def _half_typed(word: str) -> str:
    """The last word while it is typed: as a prefix, and as the whole words that it may become."""
    if not word.isascii():
        return f'"{word}"*'
    last = word.rsplit(maxsplit=1)[-1]
    if len(last) < 2:
        return f'"{word}"'
    wholes: list[str] = []
    if last.isalpha():
        # `walki` → walking; `runn` → running: what porter cuts off may already be half there, or a letter doubled.
        is_doubled = len(last) > 3 and last[-1] == last[-2]
        for ending in _ENDINGS:
            wholes += [
                f'"{word}{ending[kept:]}"'
                for kept in range(0 if is_doubled else 1, len(ending))
                if len(last) - kept >= 3 and last.endswith(ending[:kept])
            ]
    terms = [f'"{word}"*', *wholes]
    return terms[0] if len(terms) == 1 else f"({' OR '.join(terms)})"
