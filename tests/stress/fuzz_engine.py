"""A small fuzzer: what reaches new lines of our code is kept and changed further.

Coverage is taken with `sys.settrace` from the files of the package alone. Every input is judged by one function that
raises AssertionError for what must not be; an exception of any other kind, too much processor time or too much memory
is a find as well. The same seed gives the same inputs.
"""

from __future__ import annotations

import random
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

PACKAGE = str(Path(__file__).resolve().parents[2] / "media_assistant")
LONGEST = 60_000
_GIVEN_S, _GIVEN_S_A_BYTE = 1.5, 60e-6
_MOST_MB = 1500
_SWAYS_MB = 64


class TooSlow(BaseException):
    """Not an Exception: no parser may swallow it."""


@dataclass(frozen=True)
class Parser:
    """One thing to be fuzzed: `judge` reads the bytes and raises where something is wrong."""

    name: str
    judge: Callable[[bytes], object]
    seeds: Sequence[bytes]
    words: Sequence[bytes] = ()


@dataclass
class Found:
    """What came of it."""

    parser: str
    seed: int
    runs: int = 0
    kept: int = 0
    lines: int = 0
    slowest_s: float = 0.0
    slowest: bytes = b""
    faults: list[tuple[bytes, str]] = field(default_factory=list)


def fuzz(parser: Parser, seed: int, seconds: float = 0.0, runs: int = 0, most_faults: int = 3) -> Found:
    """Change inputs for `seconds`, or `runs` times, or until a few faults were found."""
    dice = random.Random(f"{parser.name} {seed}")
    found = Found(parser.name, seed)
    reached: set[tuple[str, int]] = set()
    kept: list[bytes] = []
    ends = time.monotonic() + seconds if seconds else float("inf")
    told: set[str] = set()
    peak_before_mb = _peak_mb()
    for data in _inputs(parser, kept, dice):
        if time.monotonic() > ends or (runs and found.runs >= runs) or len(found.faults) >= most_faults:
            break
        found.runs += 1
        lines: set[tuple[str, int]] = set()
        began = time.process_time()
        try:
            with _limited(_GIVEN_S + _GIVEN_S_A_BYTE * len(data)), _traced(lines):
                parser.judge(data)
        except TooSlow:
            _tell(found, told, data, "took far longer than it may")
        except Exception as fault:  # noqa: BLE001  whatever it is, it is a find
            frames = traceback.extract_tb(fault.__traceback__)
            ours = next((f"{each.filename}:{each.lineno}" for each in reversed(frames) if PACKAGE in each.filename), "")
            _tell(found, told, data, f"{type(fault).__name__}: {str(fault)[:200]} at {ours}")
        took = time.process_time() - began
        if took > found.slowest_s:
            found.slowest_s, found.slowest = took, data
        if new := lines - reached:
            reached |= new
            kept.append(data)
    found.kept, found.lines = len(kept), len(reached)
    # Where other tests of this process have held much, it sways by some megabytes by itself.
    if _peak_mb() > max(_MOST_MB, peak_before_mb + _SWAYS_MB):
        found.faults.append((b"", f"{_peak_mb()} MB were needed"))
    return found


def _peak_mb() -> int:
    """The most that this process ever held, by whomever."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _tell(found: Found, told: set[str], data: bytes, what: str) -> None:
    where = what.partition(" at ")[2] or what
    if where not in told:
        told.add(where)
        found.faults.append((data, what))


def _inputs(parser: Parser, kept: list[bytes], dice: random.Random) -> Iterator[bytes]:
    yield from parser.seeds
    yield from (b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\n", b" ")
    while True:
        data = bytearray(dice.choice(kept or [*parser.seeds, b""]))
        for _ in range(dice.choice((1, 1, 1, 2, 3, 5))):
            _change(data, parser, kept, dice)
        yield bytes(data[:LONGEST])


_ODD = (
    b"\0", b"\xff", b"\x80", b"\xed\xa0\x80", b"\xf4\x8f\xbf\xbf", b"\xe2\x80\xae", b"\xcc\x81", b"\x1b[31m", b"\r", b"\r\n", b"\t", b"\xc2\xa0",
    b"9" * 20, b"9" * 400, b"9" * 5000, b"-1", b"0", b"1e999", b"NaN", b"99999999999999999999", b"18446744073709551616", b"%s%n", b"../../", b"{", b"}",
    b"[", b"]", b"<", b">", b"(", b")", b'"', b"'", b"\\", b"/", b":", b";", b",", b".", b"&", b"#", b"-->", b"\xe6\xb5\xb7", b"\xef\xbc\x9a",
)  # fmt: skip


def _change(data: bytearray, parser: Parser, kept: list[bytes], dice: random.Random) -> None:
    """One change in place: of a bit, a piece, a word; or a piece many times over, which shows what grows too fast."""
    size = len(data)
    at = dice.randrange(size + 1)
    end = min(size, at + dice.choice((1, 1, 2, 4, 8, 16, 64, 400)))
    match dice.randrange(10):
        case 0 if size:
            data[min(at, size - 1)] ^= 1 << dice.randrange(8)
        case 1:
            data[at:end] = b""
        case 2:
            data[at:at] = dice.choice(_ODD)
        case 3 | 4 if parser.words:
            data[at:at] = dice.choice(parser.words)
        case 5:
            data[at:at] = data[at:end] * dice.choice((1, 2, 10))
        case 6:
            piece = bytes(data[at:end]) if dice.random() < 0.5 else dice.choice((*parser.words, *_ODD))
            data[at:at] = piece * min(dice.choice((100, 1000, 10_000)), LONGEST // max(1, len(piece)))
        case 7 if kept:
            other = dice.choice(kept)
            cut = dice.randrange(len(other) + 1)
            data[at:] = other[cut:]
        case 8:
            data[at:end] = bytes(dice.randrange(256) for _ in range(end - at))
        case _:
            data[at:end] = dice.choice((*parser.words, *_ODD))


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise TooSlow after so much processor time."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextmanager
def _traced(lines: set[tuple[str, int]]) -> Iterator[None]:
    """Note the lines of the package that run, each time that a function is entered and in it."""

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        name = frame.f_code.co_filename
        if event == "call":
            return trace if name.startswith(PACKAGE) else None
        if event == "line":
            lines.add((name, frame.f_lineno))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)
