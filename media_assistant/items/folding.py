"""Bring words to one form, so that what looks alike to a reader is found alike.

Full-width to half-width (NFKC), case, traditional to simplified Chinese character by character, and scripts that
write no spaces cut into overlapping pairs of characters. Words to be found also lose the marks and variants of letters
that people leave out when they type. The same functions fold what is stored and what is asked.
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

# Letters that are typed for one another, though Unicode does not take them apart. Arabic and Persian as Lucene's
# ArabicNormalizer and PersianNormalizer have them.
_VARIANTS = {
    **dict(zip("đðłøıħŧ", "ddloiht", strict=True)),
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    **dict.fromkeys("أإآٱ", "ا"),
    **dict.fromkeys("ىی", "ي"),
    **dict.fromkeys("ةۀہۂ", "ه"),
    **dict(zip("ک٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "ك01234567890123456789", strict=True)),
}
# Accents that no letter holds, Hebrew points, Arabic vowel signs and the line that stretches a word.
POINTS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]"
)
"""What stands among letters and is passed over."""
_OTHER_THAN_LATIN = re.compile(f"[{''.join(_VARIANTS)}\u0370-\u03ff\u1f00-\u1fff]|{POINTS.pattern}")


def fold(text: str) -> str:
    """`text` in the form that is compared: one width, one case, simplified characters, no invisible marks."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold().replace("\u0307", "").replace("ё", "е")
    return folded.translate(_simplified()) if _HAN.search(folded) else folded


class _Bare(dict[int, str]):
    """For `str.translate`: of each folded character what of it is compared."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        base = unicodedata.normalize("NFD", character)[0]
        # Accents go where they are left out in typing: й is a letter of its own, and so is が.
        is_accented = base.isascii() or "\u0370" <= base <= "\u03ff"
        found = "" if POINTS.match(character) else _VARIANTS.get(character, base if is_accented else character)
        self[code] = found
        return found


_BARE = _Bare()


def bare(folded: str) -> str:
    """Folded text without accents and vowel points, and with one letter for those that are typed for one another."""
    return folded if folded.isascii() else folded.translate(_BARE)


def has_variants(folded: str) -> bool:
    """Whether `bare` changes more of the folded text than the accents of Latin letters, which FTS5 leaves out by itself."""
    return not folded.isascii() and _OTHER_THAN_LATIN.search(folded) is not None


def findable(text: str) -> str:
    """`text` as the words of it are found: folded, `bare`, a space for whatever is of no word."""
    return spaced(bare(fold(text)))


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
