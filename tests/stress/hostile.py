"""The whole hostile corpus through import, workers, player and reading view.

    python3 build/dev.py stress hostile [--seed N] [--every N] [--holes MB] [--long] [--keep FOLDER] [--models FOLDER]

Prints how many files of each reader were understood or refused, the slowest and the largest ones, and every fault.
Ends with 1 where there is one.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.stress.hostile_corpus import make_corpus
from tests.stress.hostile_run import KILLED, listening, run

SAMPLES = Path(__file__).resolve().parent.parent.parent / "resources" / "samples"


def main() -> int:
    words = argparse.ArgumentParser(prog="stress hostile")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--every", type=int, default=1, help="of the damaged files, only every so many")
    words.add_argument("--long", action="store_true", help="also what takes many minutes by nature: 20 hours of sound")
    words.add_argument(
        "--holes", type=int, default=512, help="megabytes of files that are nothing but a beginning and a hole"
    )
    words.add_argument("--keep", type=Path, help="make the files there, and leave them")
    words.add_argument(
        "--models", type=Path, help="a folder of networks; without it what is built in looks and listens"
    )
    words.add_argument("--only", default="", help="the files of one reader")
    chosen = words.parse_args()
    place = chosen.keep or Path(tempfile.mkdtemp(prefix="hostile-"))
    folder = place / "files"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(place / "home", ignore_errors=True)
    started = time.monotonic()
    with listening() as (address, asked):
        files = make_corpus(
            folder,
            SAMPLES,
            seed=chosen.seed,
            every=chosen.every,
            address=address,
            hole_mb=chosen.holes,
            is_long=chosen.long,
        )
        if chosen.only:
            for each in folder.iterdir():
                if each.name != chosen.only:
                    shutil.rmtree(each)
            files = [each for each in files if each.reader == chosen.only]
        print(f"{len(files)} files of seed {chosen.seed} in {time.monotonic() - started:.0f} s", flush=True)
        models = (chosen.models,) if chosen.models else ()
        report = run(files, folder, place / "home", SAMPLES, models=models, patience_s=4 * 3600)
        report.faults += [f"the network was asked for {path}" for path in asked]
    print(report.table())
    codes = Counter(each.code for each in report.outcomes if each.code)
    print("said:", dict(codes.most_common()))
    print("player:", dict(report.player))
    for each in report.outcomes:
        if each.code in KILLED:
            print(f"ended by its limits: {each.hostile.reader}: {each.hostile.what}: {each.code} {each.peak_mb} MB")
    for title, ranked in (
        ("slowest", sorted(report.outcomes, key=lambda each: -each.seconds)),
        ("largest", sorted(report.outcomes, key=lambda each: -each.peak_mb)),
    ):
        for each in ranked[:8]:
            print(f"{title}: {each.seconds:6.1f} s {each.peak_mb:5} MB  {each.hostile.reader}: {each.hostile.what}")
    for fault in report.faults:
        print("FAULT", fault)
    print(
        f"{len(report.outcomes)} files, {len(report.faults)} faults, {report.seconds:.0f} s, peak of a worker {report.peak_mb} MB"
    )
    if not chosen.keep:
        shutil.rmtree(place, ignore_errors=True)
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
