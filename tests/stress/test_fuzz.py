"""A short run of the fuzzer on every parser; `stress fuzz` runs as long as one likes."""

from __future__ import annotations

import os
import sys

import pytest

from tests.stress.fuzz_engine import Parser, TooSlow, fuzz
from tests.stress.fuzz_parsers import parsers

SEED = int(os.environ.get("MEDIA_ASSISTANT_FUZZ_SEED", "4"))
RUNS = 60

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="time is limited by a signal")


@pytest.mark.parametrize("parser", parsers(), ids=lambda parser: parser.name.replace(" ", "-"))
def test_promise_12_our_own_parsers_read_or_refuse_whatever_comes(parser: Parser) -> None:
    found = fuzz(parser, SEED, runs=RUNS + len(parser.seeds))
    assert not found.faults, f"seed {SEED}: {found.faults}"
    assert found.lines > 5


def test_the_fuzzer_finds_what_is_wrong() -> None:
    """An exception, a wrong answer, and what takes too long."""

    def judge(data: bytes) -> None:
        if b"(" in data:
            raise KeyError(data)
        assert b")" not in data
        while data.count(b"9") > 3:
            pass

    found = fuzz(Parser("itself", judge, [b"seed 999"], [b"9"]), 1, runs=4000)
    assert {what.split(":")[0] for _, what in found.faults} == {
        "KeyError",
        "AssertionError",
        "took far longer than it may",
    }
    assert not issubclass(TooSlow, Exception)
