"""A simulated month: people with tastes use "For you" every day. What does the page learn, and does forgetting undo it?

    python tests/stress/simulated_month.py [--people N] [--items N] [--days N] [--first SEED]

Every person has a library of their own, likes two of six topics, opens five things each evening, sometimes says "like" or
"never". Regret is how much likelier the best would have been liked than what the first four cards of each row show, but
for "Something different", which promises something else (the whole page is told too). Intervals are of 2,000 bootstrap
draws of people, each a seed. Nothing was tuned on seeds from 10,000 on. In a library of some hundred items most of what
is liked is used up within the month, and regret rises again in its last week.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from media_assistant.library.library import Library
from tests.workflows.recommend_library import Person, fill, suggestions_of


def month(folder: Path, seed: int, items: int, days: int) -> tuple[list[float], list[float], float, bool]:
    """Regret by day, of the whole page by day, seconds a page, and whether forgetting leaves a page that knows nothing."""
    library = Library.open(folder / f"{seed}.sqlite")
    topics = fill(library, items, seed)
    suggestions = suggestions_of(library, seed)
    person = Person(library, suggestions, topics, seed)
    regrets, wholes, took = [], [], []
    for _ in range(days):
        page, regret = person.day()
        regrets.append(regret)
        wholes.append(person.whole_regret)
        took.append(page.took_ms)
    forgets = _forget(library)
    is_undone = forgets and suggestions.make_page().is_cold
    library.finding.close()
    library.close()
    return regrets, wholes, float(np.median(took)), is_undone


def _forget(library: Library) -> bool:
    from media_assistant.items.happening import Forgetting

    library.forget(Forgetting())
    return True


def figure(values: np.ndarray) -> str:
    rows = np.random.default_rng(1).integers(0, len(values), (2000, len(values)))
    low, high = np.quantile(values[rows].mean(1), [0.025, 0.975])
    return f"{values.mean():.3f} [{low:.3f}, {high:.3f}]"


def ratio(above: np.ndarray, below: np.ndarray) -> str:
    rows = np.random.default_rng(1).integers(0, len(above), (2000, len(above)))
    low, high = np.quantile(above[rows].mean(1) / below[rows].mean(1), [0.025, 0.975])
    return f"{above.mean() / below.mean():.3f} [{low:.3f}, {high:.3f}]"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--people", type=int, default=200, help="ten tell the half to within a tenth only")
    asked.add_argument("--items", type=int, default=2400)
    asked.add_argument("--days", type=int, default=30)
    asked.add_argument("--first", type=int, default=0, help="seed of the first person; the next ones count up from it")
    options = asked.parse_args()
    people = range(options.first, options.first + options.people)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        found = [month(Path(scratch), seed, options.items, options.days) for seed in people]
    for name, at in (("rows that promise to please", 0), ("whole page", 1)):
        regrets = np.array([each[at] for each in found])
        first, last = regrets[:, :7].mean(1), regrets[:, -7:].mean(1)
        print(
            f"regret, {name}: first day {figure(regrets[:, 0])}, first week {figure(first)}, last week {figure(last)}"
        )
        print(f"  last week / first week {ratio(last, first)}, last week / first day {ratio(last, regrets[:, 0])}")
    print(f"page {np.median([each[2] for each in found]):.0f} ms of {options.items} items")
    print(f"forgetting everything undoes it: {sum(each[3] for each in found)}/{len(found)}")
    print(f"took {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
