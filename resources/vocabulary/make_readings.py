"""Writes readings.txt: how the characters of GB 2312 are read, a line for each syllable of pinyin without its tone.

The readings are pypinyin's (MIT License): a character's first one, and others that it has in a twentieth or more of the
phrases listed there.

    pip install pypinyin; python resources/vocabulary/make_readings.py
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

from pypinyin import Style, pinyin
from pypinyin.contrib.tone_convert import to_normal
from pypinyin.phrases_dict import phrases_dict

SHARE = 0.05


def main() -> None:
    """Write the file beside this one."""
    met: dict[str, Counter[str]] = defaultdict(Counter)
    for phrase, syllables in phrases_dict.items():
        for character, syllable in zip(phrase, syllables, strict=False):
            met[character][to_normal(syllable[0])] += 1
    lines = defaultdict(str)
    for high in range(0xB0, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                character = bytes([high, low]).decode("gb2312")
            except UnicodeDecodeError:
                continue
            first, *others = dict.fromkeys(pinyin(character, heteronym=True, style=Style.NORMAL)[0])
            for syllable in (
                first,
                *(each for each in others if met[character][each] >= SHARE * met[character].total()),
            ):
                if syllable.isascii() and syllable.isalpha():
                    lines[syllable] += character
    text = "".join(f"{syllable} {lines[syllable]}\n" for syllable in sorted(lines))
    Path(__file__).with_name("readings.txt").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
