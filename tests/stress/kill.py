"""Kills the program again and again, wherever it is, and looks whether anything of a person's was lost.

    python3 build/dev.py stress kill [--rounds N] [--seed S] [-j N] [--only SCENARIO] [--victim VICTIM] [--round SEED]

Round I of a run has the seed S + I; `--round` does a single one again. What a round found broken is told with its seed,
and its folder is kept.
"""

from __future__ import annotations

import argparse
import atexit
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path

from tests.conftest import MATERIAL
from tests.inference.hub import serving
from tests.stress.killing.prepared import Prepared, prepare
from tests.stress.killing.rounds import Result, Rounds
from tests.stress.killing.scenarios import SCENARIOS, hub_files
from tests.stress.killing.victims import ROOT, adopt_orphans

MANY = 50
"""From so many rounds on every scenario is going to be met."""
KEPT = ROOT / "out" / "stress"

_rounds: list[Rounds] = []
_open = ExitStack()


def begin(prepared: Prepared, folder: Path) -> None:
    """In each process that runs rounds."""
    os.environ.pop("HF_HUB_OFFLINE", None)
    adopt_orphans()
    mine = folder / f"slot {os.getpid()}"
    hub = _open.enter_context(serving(hub_files()))
    atexit.register(_open.close)
    hub.pause_s = 0.004
    _rounds.append(Rounds(prepared, mine, KEPT, hub))


def run_one(seed: int, only: str, victim: str) -> Result:
    """A round in this process."""
    return _rounds[0].run(seed, only, victim)


def get_ready(name: str, victim: str) -> None:
    """An undisturbed run in this process, for all of them."""
    _rounds[0].get_ready(name, victim)


def main(words: Sequence[str]) -> int:
    """0 when every promise was kept in every round."""
    parser = argparse.ArgumentParser(prog="stress kill", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=None, help="of the first round")
    parser.add_argument("-j", type=int, default=2, metavar="N", help="rounds side by side")
    parser.add_argument("--only", default="", metavar="SCENARIO")
    parser.add_argument("--victim", default="", choices=("", "window", "worker", "command"))
    parser.add_argument("--round", type=int, default=None, metavar="SEED", help="this one alone")
    asked = parser.parse_args(words)
    seed = random.SystemRandom().randrange(10**6) if asked.seed is None else asked.seed
    seeds = [asked.round] if asked.round is not None else list(range(seed, seed + asked.rounds))
    print(f"{len(seeds)} rounds from seed {seeds[0]}", flush=True)
    KEPT.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="stress-kill-"))
    started = time.monotonic()
    try:
        prepared = prepare(folder / "prepared", MATERIAL)
        print(
            f"prepared in {time.monotonic() - started:.0f} s{'' if prepared.has_speech else ', without speech'}",
            flush=True,
        )
        results = []
        for result in run_all(prepared, folder, seeds, min(asked.j, len(seeds)), asked.only, asked.victim):
            results.append(result)
            print(f"{len(results)}/{len(seeds)} {'FAILED ' if result.fault else ''}{result}", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(told(results, time.monotonic() - started))
    return int(any(result.fault for result in results))


def run_all(
    prepared: Prepared, folder: Path, seeds: Sequence[int], side_by_side: int, only: str, victim: str
) -> Iterator[Result]:
    """As they end."""
    if side_by_side <= 1:
        begin(prepared, folder)
        yield from (run_one(seed, only, victim) for seed in seeds)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(side_by_side, context, begin, (prepared, folder)) as pool:
        if len(seeds) > MANY and not only:
            known = [each for each in SCENARIOS if each.library != "spoken" or prepared.has_speech]
            wholes = [pool.submit(get_ready, each.name, of_each) for each in known for of_each in each.victims]
            for each in wholes:
                each.exception()  # told by the rounds that need it
            print("undisturbed runs measured", flush=True)
        for done in as_completed([pool.submit(run_one, seed, only, victim) for seed in seeds]):
            yield done.result()


def told(results: Sequence[Result], took_s: float) -> str:
    """A table: rounds by scenario and victim, and how many kills struck while the victim was at work."""
    rounds, kills, struck, broken = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for each in results:
        for name in (f"{each.scenario:<14}{each.victim}", "together"):
            rounds[name] += 1
            kills[name] += len(each.moments)
            struck[name] += each.struck
            broken[name] += bool(each.fault)
    lines = [f"{'':<24}{'rounds':>8}{'kills':>8}{'struck':>8}{'broken':>8}"]
    for name in [*sorted(set(rounds) - {"together"}), "together"]:
        lines.append(f"{name:<24}{rounds[name]:>8}{kills[name]:>8}{struck[name]:>8}{broken[name]:>8}")
    lines += [f"{took_s:.0f} s, {took_s / max(1, len(results)):.2f} s a round"]
    lines += [f"FAILED {each}" for each in results if each.fault]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
