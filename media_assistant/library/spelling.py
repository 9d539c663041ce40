"""What a word was probably meant to be: the words one edit away that the library knows, or what is read the same.

No list of words is kept: all edits of a word (Norvig, "How to Write a Spelling Corrector", 2007) are looked up in the
full-text index, the likeliest kinds of mistake first, and only as far into the word as anything begins so. With
millions of lines that is 15 to 30 ms, and it is asked only when a search found nothing good.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING

from media_assistant.items.folding import bare
from media_assistant.items.pinyin import alike, is_read
from media_assistant.library import text_index

if TYPE_CHECKING:
    from media_assistant.items.naming import ConceptNames

SHORTEST = 4
"""Letters of a word that may be mistyped: of shorter ones every edit is another word."""
LONGEST = 24
LONGEST_RUN, LONGEST_PIECE = 12, 6
"""Chinese characters without a space, and those among them that find nothing, of which another one is looked for by its sound:
each has fifty of the same, and all are tried.
"""

_ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "αβγδεζηθικλμνξοπρστυφχψω",
)
_MOST = 3
_COUNTED = 200


def near_words(connection: sqlite3.Connection, word: str, names: ConceptNames, *, is_prefix: bool = False) -> list[str]:
    """Folded words one edit from the folded `word` that stand in some line, title or file name, or are in `names`; the
    likeliest first, three at most. With `is_prefix` words that only begin so count too. Letters that spell the sound of a
    Chinese name are that name.
    """
    is_name = names.has_word
    word = bare(word)
    if sounding := names.sounding(word):
        return sounding[:_MOST]
    alphabet = next((letters for letters in _ALPHABETS if word and all(letter in letters for letter in word)), "")
    if not alphabet or not SHORTEST <= len(word) <= LONGEST:
        return []
    reach = _reach(connection, word, names)
    for kind in (_swapped, _doubled, _others):
        found = [
            candidate
            for candidate in dict.fromkeys(kind(word, reach, alphabet))
            if candidate != word and (is_name(candidate) or _stands(connection, candidate, is_prefix=is_prefix))
        ]
        if found:
            counts = {each: _count(connection, text_index.whole_word(each, is_prefix=is_prefix)) for each in found}
            return sorted(found, key=lambda each: (not is_name(each), -counts[each]))[:_MOST]
    return []


def near_runs(
    connection: sqlite3.Connection, run: str, piece: str, names: ConceptNames, *, is_prefix: bool = False
) -> list[str]:
    """As `near_words`, for a run of Chinese and the `piece` of it that finds nothing: the runs with another character of the
    same sound there, or nearly the same, that are made of names then, or stand so somewhere.
    """
    first = run.find(piece)
    if first < 0 or not is_read(piece) or len(piece) > LONGEST_PIECE or not 2 <= len(run) <= LONGEST_RUN:
        return []
    for nearly in (False, True):
        fits: dict[str, tuple[int, int]] = {}
        for at in range(first, first + len(piece)):
            for other in alike(run[at], nearly=nearly):
                meant = run[:at] + other + run[at + 1 :]
                units = names.units(meant, is_half_typed=False)
                # One name among characters that mean nothing is chance: nearly every pair is read like some name.
                parts = len(units) if all(unit.concepts for unit in units) else len(run)
                wanted = text_index.expression(meant, is_phrase=True, is_prefix=is_prefix)
                stands = _count(connection, wanted)
                if parts < len(run) or stands:
                    fits[meant] = -parts, stands
        if fits:
            return sorted(fits, key=lambda meant: fits[meant], reverse=True)[:_MOST]
    return []


def _swapped(word: str, reach: int, _alphabet: str) -> Iterator[str]:
    """Two neighbours in the wrong order."""
    for at in range(min(reach + 1, len(word) - 1)):
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _doubled(word: str, reach: int, _alphabet: str) -> Iterator[str]:
    """A letter typed twice, or once instead of twice."""
    for at in range(1, min(reach + 1, len(word))):
        if word[at] == word[at - 1]:
            yield word[:at] + word[at + 1 :]
        yield word[:at] + word[at - 1] + word[at:]


def _others(word: str, reach: int, alphabet: str) -> Iterator[str]:
    """A letter too many, another one, or one missing; the first letter is seldom wrong."""
    for at in range(1, min(reach + 1, len(word))):
        yield word[:at] + word[at + 1 :]
    for at in range(1, min(reach + 1, len(word))):
        for letter in alphabet:
            yield word[:at] + letter + word[at + 1 :]
    for at in range(1, min(reach + 1, len(word) + 1)):
        for letter in alphabet:
            yield word[:at] + letter + word[at:]


def _reach(connection: sqlite3.Connection, word: str, names: ConceptNames) -> int:
    """How many letters of the word anything begins with: the mistake is not behind the letter after those."""
    for length in range(3, len(word)):
        if not _stands(connection, word[:length], is_prefix=True) and not names.has_word(word[:length] + "*"):
            return length
    return len(word)


def _stands(connection: sqlite3.Connection, word: str, *, is_prefix: bool) -> bool:
    wanted = text_index.whole_word(word, is_prefix=is_prefix)
    return any(connection.execute(sql, (wanted,)).fetchone() for sql in _FIRST)


def _count(connection: sqlite3.Connection, wanted: str) -> int:
    return sum(int(connection.execute(sql, (wanted, _COUNTED)).fetchone()[0]) for sql in _FEW)


_FIRST = tuple(f"SELECT 1 FROM {table} WHERE {table} MATCH ? LIMIT 1" for table in ("moment_text", "item_text"))
_FEW = tuple(
    f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {table} MATCH ? LIMIT ?)"
    for table in ("moment_text", "item_text")
)
