"""Fuzz our own parsers.

    python3 build/dev.py stress fuzz [--seconds N] [--seed N] [--only NAME]

N seconds for each parser, with a seed that is printed, so that what was found is found again. Ends with 1 where
something was.
"""

from __future__ import annotations

import argparse
import random
import sys

from tests.stress.fuzz_engine import fuzz
from tests.stress.fuzz_parsers import parsers


def main() -> int:
    words = argparse.ArgumentParser(prog="stress fuzz")
    words.add_argument("--seconds", type=float, default=20)
    words.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    words.add_argument("--only", default="")
    chosen = words.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    faults = 0
    for parser in parsers():
        if chosen.only not in ("", parser.name):
            continue
        found = fuzz(parser, chosen.seed, chosen.seconds)
        print(
            f"{parser.name:17} {found.runs:7} runs, {found.kept:4} kept, {found.lines:4} lines reached,"
            f" slowest {found.slowest_s:.2f} s ({len(found.slowest)} bytes), {len(found.faults)} faults",
            flush=True,
        )
        for data, what in found.faults:
            shown = data if len(data) < 300 else data[:300] + b"..."
            print(f"    FAULT {what}\n      {len(data)} bytes: {shown!r}", flush=True)
        faults += len(found.faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
