"""Bring words to one form, so that what looks alike to a reader is found alike.

Full-width to half-width (NFKC), case, traditional to simplified Chinese character by character, and scripts that
write no spaces cut into overlapping pairs of characters. The same function folds what is stored and what is asked.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Han with its extensions, kana, bopomofo, Hangul, and the South-East Asian scripts that put no space between words.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U000323af"
)
_NO_WORD = re.compile(r"[\W_]+")
_RUN = re.compile(f"[{UNSPACED}]+")
_LAST_RUN = re.compile(f"([{UNSPACED}]+)\\s*$")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
# Soft hyphen, zero-width space and joiners, direction marks, byte order mark: there for the eye, not for the word.
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\u0000]")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")


def fold(text: str) -> str:
    """`text` in the form that is compared: one width, one case, simplified characters, no invisible marks."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold().replace("\u0307", "").replace("ё", "е")
    return folded.translate(_simplified()) if _HAN.search(folded) else folded


def is_of_word(character: str) -> bool:
    """Whether it is a letter, a digit or a mark. What Python calls a word leaves marks out, which are the vowels of Hindi,
    Thai or Burmese.
    """
    return character.isalnum() or unicodedata.category(character)[0] == "M"


def spaced(text: str) -> str:
    """`text` with a space for whatever is of no word. Decided here once for text and query, for SQLite's table of characters
    is older than Python's.
    """
    if text.isascii():
        return _NO_WORD.sub(" ", text)
    return "".join(c if is_of_word(c) else " " for c in text)


def has_unspaced(text: str) -> bool:
    """Whether a script without spaces between words occurs, such as Chinese."""
    return not text.isascii() and _RUN.search(text) is not None


def cut(folded: str) -> str:
    """Folded text with each unspaced run as overlapping pairs and its last character alone: 看小狗 → 看小 小狗 狗.

    So every character begins exactly one token: a run is found as a phrase of pairs, one character by its prefix.
    """
    if folded.isascii():
        return folded
    return _RUN.sub(lambda run: f" {' '.join(_pairs(run.group()))} ", folded)


def cut_query(folded: str) -> str:
    """As `cut`, without the lone last character of a run at the end: the query may stop in the middle of a longer run."""
    tokens = cut(folded)
    if folded.isascii() or not (run := _LAST_RUN.search(folded)) or len(run.group(1)) < 2:
        return tokens
    return tokens.rstrip().rpartition(" ")[0]


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run))]


def split_name(name: str) -> str:
    """The words of a file's name: cut at `_`, `-`, `.`, brackets, between digits and letters, and at camelCase humps.

    The name as it stands comes first, so that it is also found whole.
    """
    words = re.sub(" +", " ", spaced(_INVISIBLE.sub("", name)))
    humps = _HUMP.sub(" ", words)
    return words if humps == words else f"{words} {humps}"


@lru_cache(maxsize=1)
def _simplified() -> dict[int, str]:
    """Each traditional character's simplified one. Character by character, unlike a translation, so that text and
    query agree whatever stands beside it.
    """
    import opencc

    characters = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    # A line break between them keeps the converter from reading phrases.
    simple = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {ord(old): new for old, new in zip(characters, simple, strict=True) if old != new}
