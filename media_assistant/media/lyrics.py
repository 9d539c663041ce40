"""LRC: lyrics with times per line, in its enhanced form per word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from media_assistant.items.moment import Word

_STAMP = r"\s*(\d{1,6}):([0-5]?\d)(?:[.:](\d{1,3}))?\s*"
_LINE_STAMP = re.compile(rf"\[{_STAMP}\]")
_WORD_STAMP = re.compile(rf"<{_STAMP}>")
_OFFSET = re.compile(r"^\[offset:\s*([+-]?\d{1,9})\s*\]", re.IGNORECASE | re.MULTILINE)
# The last line has no next one to end it.
_LAST_LINE_MS = 4000
_LONGEST_LINE_MS = 15_000
_MOST_STAMPS, _LONGEST_ROW, _MOST_LINES = 100, 10_000, 200_000
"""Of a song: a refrain comes a few times."""


@dataclass(frozen=True, slots=True)
class Sung:
    """One line with its times."""

    start_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...]


def looks_like_lrc(text: str) -> bool:
    """Whether lines begin with times in brackets."""
    return re.search(rf"^\[{_STAMP}\]", text[:20_000], re.MULTILINE) is not None


def parse(text: str) -> list[Sung]:
    """Lines in the order of their times; a line with several times comes several times.

    A line ends where the next one begins, an empty one included; no line lasts longer than 15 s. `[offset:+ms]` shifts
    everything earlier. What comes more often or is longer than in any song is left out.
    """
    offset = _OFFSET.search(text)
    shift_ms = -int(offset[1]) if offset else 0
    found: list[tuple[int, str]] = []
    for line in text.split("\n"):
        at = 0
        stamps: list[int] = []
        while stamp := _LINE_STAMP.match(line, at):
            if len(stamps) < _MOST_STAMPS:
                stamps.append(_ms(stamp) + shift_ms)
            at = stamp.end()
        words = line[at : at + _LONGEST_ROW].strip()
        found.extend((max(0, start_ms), words) for start_ms in stamps)
        if len(found) > _MOST_LINES:
            break
    found.sort(key=lambda pair: pair[0])
    lines = []
    ends = _later_starts([start_ms for start_ms, _ in found])
    for (start_ms, words), following in zip(found, ends, strict=True):
        end_ms = min(following, start_ms + _LONGEST_LINE_MS)
        plain = " ".join(_WORD_STAMP.sub("", words).split())
        if plain:
            lines.append(Sung(start_ms, end_ms, plain, _words(words, start_ms, end_ms, shift_ms)))
    return lines


def _later_starts(starts: list[int]) -> list[int]:
    """For each of these ascending times the next one that is later; a while after it where there is none."""
    later: list[int] = []
    here: int | None = None
    following: int | None = None
    for start_ms in reversed(starts):
        if start_ms != here:
            here, following = start_ms, here
        later.append(start_ms + _LAST_LINE_MS if following is None else following)
    later.reverse()
    return later


def _words(text: str, start_ms: int, end_ms: int, shift_ms: int) -> tuple[Word, ...]:
    """`<00:12.00>word <00:12.50>other`: each word ends where the next begins."""
    stamps = list(_WORD_STAMP.finditer(text))
    if not stamps:
        return ()
    parts = [(start_ms, text[: stamps[0].start()].strip())]
    for stamp, following in zip(stamps, [*stamps[1:], None], strict=True):
        parts.append((_ms(stamp) + shift_ms, text[stamp.end() : following.start() if following else len(text)].strip()))
    words = []
    for (at_ms, word), following_part in zip(parts, [*parts[1:], None], strict=True):
        if word:
            until_ms = following_part[0] if following_part else end_ms
            words.append(Word(max(0, at_ms), max(0, at_ms, until_ms), word, 1.0))
    return tuple(words)


def _ms(stamp: re.Match[str]) -> int:
    fraction = (stamp[3] or "0").ljust(3, "0")
    return int(stamp[1]) * 60_000 + int(stamp[2]) * 1000 + int(fraction)


def write(lines: Iterable[tuple[int, int, str]]) -> str:
    """LRC of (start_ms, end_ms, text); an empty line marks a pause of two seconds and more."""
    written = []
    before_ms: int | None = None
    for start_ms, end_ms, text in lines:
        if before_ms is not None and start_ms - before_ms >= 2000:
            written.append(f"{_stamp(before_ms)}\n")
        written.append(f"{_stamp(start_ms)}{' '.join(text.split())}\n")
        before_ms = end_ms
    if before_ms is not None:
        written.append(f"{_stamp(before_ms)}\n")
    return "".join(written)


def _stamp(ms: int) -> str:
    hundredths = round(max(0, ms) / 10)
    return f"[{hundredths // 6000:02}:{hundredths // 100 % 60:02}.{hundredths % 100:02}]"
