"""Chinese words: cut by jieba, with what its dictionary knows of their kind and their rarity.

The dictionaries stay the texts that they are, sorted, and are looked up where they lie: jieba would make 350,000 words and
all of their beginnings into objects, which takes two seconds and 120 MB in every process that meets a Chinese line, and keep
a cache in a folder that everybody can write to.
"""

from __future__ import annotations

import itertools
import logging
import re
import statistics
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

_NOUNS = (b"n", b"j", b"vn")
"""Kinds, or how they begin, that can name a subject: nouns and abbreviations; also nouns made of verbs."""
_BLOCK = 8
"""Lines between two that are looked for first."""
_REMEMBERED = 30_000
_NUMBER = re.compile(rb" ([0-9.]+)")


class _Sorted:
    """Lines `word value…` of a file, found by their word. About as many bytes as the file."""

    def __init__(self, file: Traversable) -> None:
        lines = sorted(file.read_bytes().splitlines())
        self._text = b"\n" + b"\n".join(lines) + b"\n"
        begins = itertools.accumulate((len(line) + 1 for line in lines), initial=0)
        self._starts = array("L", itertools.islice(begins, 0, len(lines), _BLOCK))
        self._starts.append(len(self._text) - 1)
        del lines
        # Cut anew: those of before would each keep alive the memory around it.
        self._heads = [self._text[at + 1 : self._text.index(b"\n", at + 1)] for at in self._starts[:-1]]

    def find(self, word: str) -> bytes | None:
        """What stands behind the word; empty where it only begins others, None where it does not even that."""
        start = word.encode("utf-8", "surrogatepass")
        # A space comes before every letter: of all lines that begin so, that of the word itself is the first.
        block = bisect_left(self._heads, start)
        low, high = self._starts[max(0, block - 1)], self._starts[min(block + 1, len(self._starts) - 1)]
        at = self._text.find(b"\n" + start, low, high + len(start) + 1)
        if at < 0 or not start:
            return None
        end = at + 1 + len(start)
        return self._text[end + 1 : self._text.index(b"\n", end)] if self._text[end : end + 1] == b" " else b""

    def numbers(self) -> Iterator[bytes]:
        """The first number behind each word."""
        for start, end in itertools.pairwise(self._starts):
            yield from _NUMBER.findall(self._text, start, end + 1)


class _Frequencies:
    """How often each word was counted, as jieba asks for it: 0 for what only begins words."""

    def __init__(self, words: _Sorted) -> None:
        self._words = words
        self._met: dict[str, int | None] = {}

    def get(self, word: str, otherwise: int | None = None) -> int | None:
        try:
            count = self._met[word]
        except KeyError:
            found = self._words.find(word)
            count = None if found is None else int(found.partition(b" ")[0] or 0)
            if len(self._met) == _REMEMBERED:
                self._met.clear()
            self._met[word] = count
        return otherwise if count is None else count

    def __contains__(self, word: str) -> bool:
        return self.get(word) is not None

    def __getitem__(self, word: str) -> int:
        count = self.get(word)
        if count is None:
            raise KeyError(word)
        return count


class Chinese:
    """About 350,000 words and 30 MB; made once per process, and only for Chinese text."""

    def __init__(self) -> None:
        jieba = _import_jieba()
        self._words = _Sorted(files("jieba") / "dict.txt")
        self._frequencies = _Frequencies(self._words)
        self._tokenizer: Any = jieba.Tokenizer()
        self._tokenizer.FREQ = self._frequencies
        self._tokenizer.total = sum(map(int, self._words.numbers()))
        self._tokenizer.initialized = True
        self._rarities = _Sorted(files("jieba") / "analyse" / "idf.txt")

    def cut(self, text: str) -> Iterator[tuple[str, int, int]]:
        """(word, start, end) in order; simplified characters are known best."""
        yield from self._tokenizer.tokenize(text)

    def is_known(self, word: str) -> bool:
        """Whether the dictionary has it."""
        return bool(self._frequencies.get(word))

    def may_be_noun(self, word: str) -> bool:
        """Whether it can be what a text is about; a word that the dictionary does not know may be a name."""
        found = self._words.find(word)
        return not found or found.partition(b" ")[2].startswith(_NOUNS) or not self.is_known(word)

    def rarity(self, word: str) -> float:
        """Inverse document frequency, as it comes with jieba; the median for an unknown word."""
        found = self._rarities.find(word)
        return float(found) if found else self._usual

    @cached_property
    def _usual(self) -> float:
        return statistics.median_high(map(float, self._rarities.numbers()))


def _import_jieba() -> Any:
    # It would take its files through pkg_resources where that is there: half a second and 15 MB, to open a file.
    is_here = "pkg_resources" in sys.modules
    sys.modules.setdefault("pkg_resources", None)  # type: ignore[arg-type]
    try:
        import jieba
    finally:
        if not is_here:
            sys.modules.pop("pkg_resources", None)
    jieba.setLogLevel(logging.WARNING)
    return jieba


@lru_cache(maxsize=1)
def load_chinese() -> Chinese:
    """The one dictionary of this process."""
    return Chinese()
