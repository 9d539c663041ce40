"""The order in which a person expects names: letters without their accents, numbers by size, Chinese by pinyin.

A name is turned once, when it is written, into a key that any database puts in that order byte by byte.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from media_assistant.items.folding import fold
from media_assistant.paths import bundled

_DIGITS = re.compile(r"\d+")
_HAN = re.compile("[\u4e00-\u9fff]")
_FIRST_HAN = 0x4E00


def sort_key(name: str) -> str:
    """`IMG_9` before `IMG_10`, `Über` beside `uber`, 阿 before 李 before 张."""
    folded = fold(name)
    if not folded.isascii():
        apart = unicodedata.normalize("NFKD", folded)
        folded = unicodedata.normalize("NFC", "".join(each for each in apart if not unicodedata.combining(each)))
        if _HAN.search(folded):
            folded = folded.translate(_pinyin())
    return _DIGITS.sub(lambda digits: digits.group().lstrip("0").rjust(12, "0"), folded)


@lru_cache(maxsize=1)
def _pinyin() -> dict[int, int]:
    """Each Chinese character's place in the order of pinyin, as a character of the same block."""
    characters = (bundled("resources") / "vocabulary" / "pinyin.txt").read_text("utf-8")
    return {ord(character): _FIRST_HAN + place for place, character in enumerate(characters)}
