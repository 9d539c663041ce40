"""Chinese words: cut by jieba, with what its dictionary knows of their kind and their rarity.

The dictionary is read here rather than by jieba, which would keep a cache in a folder that everybody can write to.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Any

_NOUNS = frozenset("nj")
"""First letters of the kinds that can name a subject: nouns and abbreviations; also nouns made of verbs (vn)."""


class Chinese:
    """About 350,000 words and 80 MB; made once per worker, and only for Chinese text."""

    def __init__(self) -> None:
        import jieba

        jieba.setLogLevel(logging.WARNING)
        self._tokenizer: Any = jieba.Tokenizer()
        frequencies: dict[str, int] = {}
        nouns: set[str] = set()
        total = 0
        for line in (files("jieba") / "dict.txt").read_text("utf-8").splitlines():
            word, count, kind = (*line.split(" "), "")[:3]
            frequencies[word] = int(count)
            total += int(count)
            if kind[:1] in _NOUNS or kind == "vn":
                nouns.add(word)
            for length in range(1, len(word)):
                # jieba walks through beginnings that are no words themselves.
                frequencies.setdefault(word[:length], 0)
        self._tokenizer.FREQ, self._tokenizer.total = frequencies, total
        self._tokenizer.initialized = True
        self._nouns = nouns
        self._rarities: dict[str, float] = {}
        for line in (files("jieba") / "analyse" / "idf.txt").read_text("utf-8").splitlines():
            word, _, rarity = line.rpartition(" ")
            self._rarities[word] = float(rarity)
        ordered = sorted(self._rarities.values())
        self._usual = ordered[len(ordered) // 2]

    def cut(self, text: str) -> Iterator[tuple[str, int, int]]:
        """(word, start, end) in order; simplified characters are known best."""
        yield from self._tokenizer.tokenize(text)

    def is_known(self, word: str) -> bool:
        """Whether the dictionary has it."""
        return bool(self._tokenizer.FREQ.get(word))

    def may_be_noun(self, word: str) -> bool:
        """Whether it can be what a text is about; a word that the dictionary does not know may be a name."""
        return word in self._nouns or not self.is_known(word)

    def rarity(self, word: str) -> float:
        """Inverse document frequency, as it comes with jieba; the median for an unknown word."""
        return self._rarities.get(word, self._usual)


@lru_cache(maxsize=1)
def load_chinese() -> Chinese:
    """The one dictionary of this process."""
    return Chinese()
