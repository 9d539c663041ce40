"""Writes pinyin.txt: every character of the CJK Unified Ideographs block, in the order of its pinyin.

The order is the Chinese one of the Unicode CLDR (Unicode License v3), as the ICU inside Qt knows it.

    python resources/vocabulary/make_pinyin.py
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCollator, QLocale

FIRST, LAST = 0x4E00, 0x9FFF


def main() -> None:
    """Write the file beside this one."""
    collator = QCollator(QLocale("zh_CN"))
    characters = sorted(map(chr, range(FIRST, LAST + 1)), key=lambda each: (collator.sortKey(each), each))
    Path(__file__).with_name("pinyin.txt").write_text("".join(characters), "utf-8")


if __name__ == "__main__":
    main()
