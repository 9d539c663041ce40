"""What variety on a list of ten costs at least, on histories of people who rated films: why 30 % more of it is dear.

    python tests/bench/bench_variety.py [FOLDER] [--people N] [--steps N]

The lists are those of `bench_recommend.py`, of both halves of the people. Told are:

* By place: how often the film that came next stood there, what the ranking's own chances say, and its share of NDCG@10.
* What can come in: for a gain in diversity by one film at the tenth place (in hundredths of what lists have), how often the
  best ranked film outside of the ten that gives so much (or the most, where none does) is the one that came next, against
  the film that goes.
* What exchanging (`varied`) gives and costs at several prices, by the chances as they are said and by these made honest: as
  often as films of such a chance really came next to people of the *other* half. `expected` is by honest chances.

Intervals are of 2,000 bootstrap draws of people; each person counts the same.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import film_histories
import numpy as np
from bench_recommend import FOLDER, PLACES, TOP, halves, interval, own_scores, steps_of
from film_histories import Histories, intra_list_diversity

from media_assistant.learning.showing import varied

GAINS = (2, 5, 8, 11, 14, 17, 20)
PRICES = (("as said", 1e-4), ("as said", 2.1e-4), ("made honest", 1.5e-4), ("made honest", 2.4e-4))
EDGES = np.arange(-9.0, 0.01, 0.5)
"""Of logarithms of chances: those between two of these are made honest together."""


class Half:
    """The lists of some people: what the ranking says of every film (`logs`, of chances; -inf for what a person had), and
    the film that came next.
    """

    def __init__(self, found: Histories, people: list[int], most: int) -> None:
        steps = [step for person in people for step in steps_of(found, person, most)]
        self.films = np.array([step.film for step in steps])
        _, self.person, counts = np.unique([step.person for step in steps], return_inverse=True, return_counts=True)
        self.weights = 1 / counts[self.person] / len(counts)
        self.logs = np.empty((len(steps), found.shelf.count), np.float32)
        for at, step in enumerate(steps):
            scores = own_scores(found, step).astype(np.float64)
            scores[step.rows] = -np.inf
            scores -= scores.max()
            self.logs[at] = scores - np.log(np.exp(scores).sum())

    def top(self, at: int) -> np.ndarray:
        """The first ten of a list."""
        return np.argsort(-self.logs[at], kind="stable")[:TOP]

    def by_person(self, values: np.ndarray) -> np.ndarray:
        """The mean for each person of figures `[n, …]` of lists."""
        return np.stack([np.bincount(self.person, each) / np.bincount(self.person) for each in values.T], 1)

    def honest(self) -> tuple[np.ndarray, np.ndarray]:
        """Logarithms of said chances, rising, and those of what they came to."""
        said, real = np.zeros(len(EDGES) + 1), np.zeros(len(EDGES) + 1)
        for logs, film, weight in zip(self.logs, self.films, self.weights, strict=True):
            free = logs[np.isfinite(logs)]
            said += weight * np.bincount(np.digitize(free, EDGES), np.exp(free), len(said))
            real[np.digitize(logs[film], EDGES)] += weight
        known = (said > 0) & (real > 0)
        middle = np.append(EDGES - 0.25, EDGES[-1])[known]
        return middle, np.maximum.accumulate(middle + np.log(real[known] / said[known]))


def by_place(both: list[Half]) -> None:
    """Print by place what really came next."""
    real, said = np.zeros(TOP), np.zeros(TOP)
    for half in both:
        for at, weight in enumerate(half.weights):
            top = half.top(at)
            real += weight * (top == half.films[at])
            said += weight * np.exp(half.logs[at][top])
    real, said = real / len(both), said / len(both)
    share = real * PLACES / (real @ PLACES)
    print("place       " + "".join(f"{place:8}" for place in range(1, TOP + 1)))
    for name, values in (("came next %", 100 * real), ("as said %", 100 * said), ("share %", 100 * share)):
        print(f"{name:12}" + "".join(f"{value:8.2f}" for value in values))


def what_comes_in(found: Histories, both: list[Half]) -> None:
    """Print by gain how likely what comes in is, beside what goes."""
    base = np.mean([half.weights @ [_diversity(found, half.top(at)) for at in range(len(half.films))] for half in both])
    comes, got, goes = np.zeros(len(GAINS)), np.zeros(len(GAINS)), 0.0
    for half in both:
        for at, weight in enumerate(half.weights):
            top = half.top(at)
            likeness = found.units[top] @ found.units.T
            loss = likeness[:-1].sum(0)
            gains = (loss[top[-1]] - loss) * 2 / (TOP * (TOP - 1)) / base * 100
            logs = half.logs[at].copy()
            logs[top] = -np.inf
            for number, gain in enumerate(GAINS):
                enough = min(gain, gains[np.isfinite(logs)].max())
                best = int(np.where(gains >= enough, logs, -np.inf).argmax())
                comes[number] += weight * (best == half.films[at])
                got[number] += weight * gains[best]
            goes += weight * (top[-1] == half.films[at])
    print(
        f"diversity of lists {base:.4f}; {sum(len(half.films) for half in both)} lists; the tenth came next {100 * goes / len(both):.3f} %"
    )
    for gain, often, really in zip(GAINS, comes / len(both), got / len(both), strict=True):
        print(f"one at the tenth place for {gain:2} % and more: {really:5.1f} % gained, came next {100 * often:.3f} %")


def _diversity(found: Histories, rows: np.ndarray) -> float:
    return intra_list_diversity(found.units[rows])


def exchange(found: Histories, half: Half, honest: tuple[np.ndarray, np.ndarray], way: str, price: float) -> None:
    """Print what it gives and what it costs."""
    figures = np.zeros((len(half.films), 6))
    for at, film in enumerate(half.films):
        top, logs = half.top(at), half.logs[at]
        pool = np.flatnonzero(np.isfinite(logs))
        truly = np.exp(np.interp(logs[pool], *honest))
        worth = np.exp(logs[pool]) if way == "as said" else truly
        # Of equal chances, as many are when made honest, the better ranked first.
        order = np.argsort(-logs[pool], kind="stable")
        pool, truly, worth = pool[order], truly[order], worth[order]
        ranks = varied(worth, found.units[pool], TOP, price)
        place = np.flatnonzero(pool[ranks] == film)
        before = np.flatnonzero(top == film)
        figures[at] = (
            PLACES[place[0]] if len(place) else 0.0,
            PLACES[before[0]] if len(before) else 0.0,
            truly[ranks] @ PLACES,
            truly[:TOP] @ PLACES,
            _diversity(found, pool[ranks]),
            _diversity(found, top),
        )
    means = half.by_person(figures)
    said = []
    for name, with_, without in (("diversity", 4, 5), ("NDCG", 0, 1), ("expected", 2, 3)):
        value, low, high = interval(means[:, [with_, without]], lambda mean: mean[0] / mean[1])
        said.append(f"{name} ×{value:.3f} [{low:.3f}, {high:.3f}]")
    print(f"  {way:11} {price:.1e}: {', '.join(said)}", flush=True)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    asked.add_argument("--people", type=int, default=200, help="most people of a half")
    asked.add_argument("--steps", type=int, default=25, help="most lists of one person")
    options = asked.parse_args()
    started = time.monotonic()
    found = film_histories.load(options.folder)
    both = [Half(found, people[: options.people], options.steps) for people in halves(sorted(found.people))]
    by_place(both)
    what_comes_in(found, both)
    for name, half, other in (("that may be tuned on", *both), ("that is reported", *reversed(both))):
        print(f"the half {name}: {len(half.films)} lists of {len(set(half.person.tolist()))} people")
        honest = other.honest()
        for way, price in PRICES:
            exchange(found, half, honest, way, price)
    print(f"took {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
