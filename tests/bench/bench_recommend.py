"""How good suggestions are that know one person alone, on histories of people who rated films.

    python tests/bench/bench_recommend.py [FOLDER] [--people N] [--steps N] [--json]

FOLDER holds `movies.csv` and `ratings.csv` as MovieLens' ml-latest-small does. One person after the other, in the order of
time: before each film that they liked (4 stars and more, from the sixth rating on) the whole catalogue but what they rated
before is ranked, from their own past alone, films being described by genres and title (with its year). NDCG@10 then has one
right answer, so it is 1 / log2(1 + its rank) within the first ten; equal scores count as their mean. It is taken per
person, then over people; intervals are of 2,000 bootstrap draws of people. What was tuned was tuned on one half of the
people (a fixed draw); the figures are of the other half. Popularity and EASE (Steck, "Embarrassingly shallow
autoencoders for sparse data", WWW 2019; the person's own row is left out exactly) know all other people.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import film_histories
import numpy as np
import recommend_feedback
from film_histories import LIKED, Histories, intra_list_diversity

from media_assistant.learning.own_past import Past, rank, weigh
from media_assistant.learning.showing import varied

FOLDER = Path("/work/shared/data/ml-latest-small")
HALVES, FIRST, TOP = 20, 5, 10
PRICES = {"little": 1e-4, "much": 2.1e-4}
"""What two films of the first ten that are the same cost, in chances of the first place: tuned for at most 2 % of NDCG lost, and
for 30 % more diversity. One film that is like none of the others gives as much of that as several that are like fewer, and
costs one place: so all of the catalogue is chosen from, not its best alone."""
EASE = 300.0
PLACES = 1 / np.log2(2 + np.arange(TOP))


class Step(NamedTuple):
    """Before a liked film: what the person rated till then, and the film."""

    person: int
    rows: np.ndarray
    ratings: np.ndarray
    film: int


def halves(people: list[int]) -> tuple[list[int], list[int]]:
    """Those that may be tuned on, and those that are reported."""
    drawn = np.random.default_rng(HALVES).permutation(people)
    return sorted(drawn[: len(drawn) // 2].tolist()), sorted(drawn[len(drawn) // 2 :].tolist())


def steps_of(found: Histories, person: int, most: int) -> list[Step]:
    rows, ratings = found.people[person]
    places = [at for at in range(FIRST, len(rows)) if ratings[at] >= LIKED]
    if len(places) > most:
        places = sorted(np.random.default_rng([7, person]).choice(places, most, replace=False))
    return [Step(person, rows[:at], ratings[:at], int(rows[at])) for at in places]


def gain(scores: np.ndarray, step: Step) -> float:
    """NDCG@10, the mean over all orders of equal ones."""
    free = np.ones(len(scores), bool)
    free[step.rows] = False
    value = scores[step.film]
    above = int((scores[free] > value).sum())
    if above >= TOP:
        return 0.0
    equal = int((scores[free] == value).sum())
    ranks = np.arange(above + 1, above + equal + 1)
    return float((1 / np.log2(1 + ranks[ranks <= TOP])).sum() / equal)


def own_scores(found: Histories, step: Step) -> np.ndarray:
    liked = np.clip((step.ratings - 2.5) / 1.5, 0, 2).astype(np.float32)
    return rank(weigh(found.shelf, Past(step.rows, liked)))


def frequent_genre(found: Histories, step: Step) -> np.ndarray:
    liked = step.rows[step.ratings >= LIKED]
    counted = found.genres[liked if len(liked) else step.rows].sum(0)
    return found.genres[:, int(counted.argmax())]


def nearest_to_last(found: Histories, step: Step) -> np.ndarray:
    liked = step.rows[step.ratings >= LIKED]
    return found.units @ found.units[liked[-1] if len(liked) else step.rows[-1]]


def random_gain(found: Histories, step: Step) -> float:
    return float((1 / np.log2(1 + np.arange(1, TOP + 1))).sum() / (found.shelf.count - len(step.rows)))


class Others:
    """Popularity and EASE, trained on everyone but the person asked about."""

    def __init__(self, found: Histories) -> None:
        self._place = {person: at for at, person in enumerate(found.people)}
        self._had = np.zeros((len(found.people), found.shelf.count), np.float32)
        self._liked = np.zeros_like(self._had)
        for person, at in self._place.items():
            rows, ratings = found.people[person]
            self._had[at, rows] = 1
            self._liked[at, rows[ratings >= LIKED]] = 1
        self._gram = self._had @ self._had.T
        self._person = -1

    def popularity(self, step: Step) -> np.ndarray:
        return self._liked.sum(0) - self._liked[self._place[step.person]]

    def ease(self, step: Step) -> np.ndarray:
        """By Woodbury's identity: the inverse is one over people, not over films."""
        if step.person != self._person:
            self._person = step.person
            self._keep = np.arange(len(self._had)) != self._place[step.person]
            self._x = self._had[self._keep]
            inner = self._gram[np.ix_(self._keep, self._keep)] + EASE * np.eye(len(self._x))
            self._inner = np.linalg.inv(inner).astype(np.float32)
            self._diagonal = (1 - np.einsum("ij,ij->j", self._x, self._inner @ self._x)) / EASE
        own = np.zeros(self._had.shape[1], np.float32)
        own[step.rows] = 1
        turned = (own - (self._x[:, step.rows].sum(1) @ self._inner) @ self._x) / EASE
        return own - turned / self._diagonal


def interval(values: np.ndarray, of: Callable[[np.ndarray], np.ndarray] | None = None) -> tuple[float, float, float]:
    """(value, low, high) of 95 % by drawing people `[n, …]` again; `of` makes a figure of means."""
    of = of or (lambda mean: mean)
    rows = np.random.default_rng(1).integers(0, len(values), (2000, len(values)))
    drawn = np.array([of(values[row].mean(0)) for row in rows])
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return float(of(values.mean(0))), float(low), float(high)


def rank_people(found: Histories, people: list[int], most: int) -> dict[str, np.ndarray]:
    """By way of ranking, its figure for each person; also those of the first ten with variety."""
    others = Others(found)
    ways: dict[str, Callable[[Step], np.ndarray]] = {
        "own past": lambda step: own_scores(found, step),
        "frequent genre": lambda step: frequent_genre(found, step),
        "nearest to last": lambda step: nearest_to_last(found, step),
        "popularity": others.popularity,
        "EASE": others.ease,
    }
    per: dict[str, list[float]] = {name: [] for name in (*ways, "random", "alike", "steps")}
    per |= {f"{figure} {name}": [] for name in PRICES for figure in ("varied", "alike", "kept")}
    for person in people:
        steps = steps_of(found, person, most)
        if not steps:
            continue
        got: dict[str, list[float]] = {name: [] for name in per}
        for step in steps:
            for name, way in ways.items():
                scores = way(step)
                got[name].append(gain(scores, step))
                if name == "own past":
                    _vary(found, step, scores, got)
            got["random"].append(random_gain(found, step))
        got["steps"] = [float(len(steps))]
        for name, values in got.items():
            per[name].append(float(np.mean(values)))
    return {name: np.array(values) for name, values in per.items()}


def _vary(found: Histories, step: Step, scores: np.ndarray, got: dict[str, list[float]]) -> None:
    scores = scores.copy()
    scores[step.rows] = -np.inf
    pool = np.argsort(-scores, kind="stable")[: len(scores) - len(step.rows)]
    # Of all that could come next: what is sure keeps its place, what is hardly likelier than others gives way.
    likely = np.exp(scores - scores[pool[0]])
    likely = (likely / likely.sum())[pool]
    got["alike"].append(intra_list_diversity(found.units[pool[:TOP]]))
    for name, price in PRICES.items():
        ranks = varied(likely, found.units[pool], TOP, price)
        at = np.flatnonzero(pool[ranks] == step.film)
        got[f"varied {name}"].append(float(1 / np.log2(2 + at[0])) if len(at) else 0.0)
        got[f"alike {name}"].append(intra_list_diversity(found.units[pool[ranks]]))
        got[f"kept {name}"].append(float(likely[ranks] @ PLACES / (likely[:TOP] @ PLACES)))


def report(found: Histories, per: dict[str, np.ndarray]) -> dict[str, object]:
    local = ("random", "frequent genre", "nearest to last")
    best = max(local, key=lambda name: per[name].mean())
    lines: dict[str, object] = {
        "people": len(per["steps"]),
        "rankings": int(per["steps"].sum()),
        "catalogue": found.shelf.count,
        "best local": best,
    }
    for name in ("own past", *local, "popularity", "EASE"):
        lines[f"NDCG@10 {name}"] = interval(per[name])
    for name in (best, "popularity", "EASE"):
        pair = np.stack([per["own past"], per[name]], 1)
        lines[f"own past / {name}"] = interval(pair, lambda mean: mean[0] / mean[1])
    for name in PRICES:
        pair = np.stack([per[f"varied {name}"], per["own past"]], 1)
        lines[f"{name} variety: NDCG with / without"] = interval(pair, lambda mean: mean[0] / mean[1])
        lines[f"{name} variety: the same by its own chances"] = float(per[f"kept {name}"].mean())
        pair = np.stack([per[f"alike {name}"], per["alike"]], 1)
        lines[f"{name} variety: diversity with / without"] = interval(pair, lambda mean: mean[0] / mean[1])
    return lines


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    asked.add_argument("--people", type=int, default=200, help="most people of the reported half")
    asked.add_argument("--steps", type=int, default=25, help="most rankings of one person")
    asked.add_argument("--all", action="store_true", help="report everybody: for histories that nothing was tuned on")
    asked.add_argument("--tune", action="store_true", help="the half that may be tuned on instead")
    asked.add_argument("--only-ranking", action="store_true")
    asked.add_argument("--only-regret", action="store_true", help="simulated feedback alone")
    asked.add_argument("--simulated", type=int, default=recommend_feedback.PEOPLE, help="simulated people")
    asked.add_argument("--json", action="store_true")
    options = asked.parse_args()
    started = time.monotonic()
    found = film_histories.load(options.folder)
    tuned, reported = halves(sorted(found.people))
    people = sorted(found.people) if options.all else tuned if options.tune else reported
    if len(people) > options.people:
        people = sorted(np.random.default_rng(3).choice(people, options.people, replace=False).tolist())
    lines: dict[str, object] = {}
    if options.only_regret:
        lines = recommend_feedback.compare_regrets(found, options.simulated)
    else:
        lines = report(found, rank_people(found, people, options.steps))
        if not options.only_ranking:
            lines |= recommend_feedback.run(found, options.simulated)
    lines["took_s"] = round(time.monotonic() - started, 1)
    if options.json:
        print(json.dumps(lines, indent=1))
        return
    for name, value in lines.items():
        text = "{:.4f}  [{:.4f}, {:.4f}]".format(*value) if isinstance(value, tuple) else value
        print(f"{name:42} {text}")


if __name__ == "__main__":
    main()
