"""What learning from feedback is worth, with simulated people, and the bandit beside MABWiser's and Thompson sampling.

A simulated person likes a film with a chance that is linear in its contents by a taste of their own. Each round 40 films
of the catalogue stand for choice and one is shown; regret is how much likelier the best one was to be liked.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from film_histories import Histories

from media_assistant.learning.bandit import Ridge
from media_assistant.learning.off_policy import judge
from media_assistant.learning.showing import chances_of

PEOPLE, ROUNDS, CHOICE, WIDTH = 1000, 500, 40, 16
BOLDNESS, DRAWN, EPSILON = 0.5, 0.25, 0.1
"""Chosen on thirty other simulated people."""
Figure = tuple[float, float, float]


def contents(found: Histories) -> np.ndarray:
    """`[n, 17]`: the main directions of what is known of films, of unit length, and a constant."""
    centred = found.units - found.units.mean(0)
    _, _, directions = np.linalg.svd(centred[:: max(1, len(centred) // 2000)], full_matrices=False)
    main = centred @ directions[:WIDTH].T
    main /= np.maximum(np.linalg.norm(main, axis=1, keepdims=True), 1e-9)
    return np.concatenate([main, np.ones((len(main), 1))], 1)


def person(rng: np.random.Generator) -> np.ndarray:
    taste = rng.standard_normal(WIDTH)
    return np.append(taste / np.linalg.norm(taste) * 0.45, 0.4)


Way = Callable[[Ridge, np.ndarray, np.random.Generator], int]


def _greedy(ridge: Ridge, choice: np.ndarray, rng: np.random.Generator) -> int:
    if rng.random() < EPSILON:
        return int(rng.integers(len(choice)))
    return int(ridge.expect(choice).argmax())


def _hope(ridge: Ridge, contexts: np.ndarray) -> np.ndarray:
    """LinUCB's upper bound."""
    return np.asarray(ridge.expect(contexts) + BOLDNESS * ridge.doubt(contexts))


def _draw(ridge: Ridge, contexts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The rewards by weights that are drawn from what they may be (Agrawal, Goyal, "Thompson sampling for contextual
    bandits with linear payoffs", ICML 2013).
    """
    root = np.linalg.cholesky(ridge.covariance + 1e-12 * np.eye(ridge.width))
    return np.asarray(contexts @ (ridge.mean + DRAWN * (root @ rng.standard_normal(ridge.width))))


WAYS: dict[str, Way] = {
    "LinUCB": lambda ridge, choice, _rng: int(_hope(ridge, choice).argmax()),
    "Thompson": lambda ridge, choice, rng: int(_draw(ridge, choice, rng).argmax()),
    "ε-greedy": _greedy,
    "random": lambda _ridge, choice, rng: int(rng.integers(len(choice))),
}


def regrets(films: np.ndarray, way: Way, seed: int) -> float:
    """Of one simulated person, over all rounds. The same films and the same taste for every way."""
    world, own = np.random.default_rng([seed, 1]), np.random.default_rng([seed, 2])
    taste, ridge, regret = person(world), Ridge(films.shape[1]), 0.0
    for _ in range(ROUNDS):
        choice = films[world.integers(0, len(films), CHOICE)]
        luck = world.random()
        chances = np.clip(choice @ taste, 0, 1)
        at = way(ridge, choice, own)
        ridge.hear(choice[at], float(luck < chances[at]))
        regret += float(chances.max() - chances[at])
    return regret


def _mean(values: np.ndarray) -> Figure:
    rows = np.random.default_rng(1).integers(0, len(values), (2000, len(values)))
    low, high = np.quantile(values[rows].mean(1), [0.025, 0.975])
    return float(values.mean()), float(low), float(high)


def off_policy(films: np.ndarray, seeds: int = 40, shown: int = 400) -> dict[str, object]:
    """How often the truth lies in the intervals (95 % are meant to) and how far off the estimates are, for drawing evenly."""
    inside = {"IPS": 0, "SNIPS": 0, "doubly robust": 0}
    off = {name: list[float]() for name in inside}
    for seed in range(seeds):
        rng = np.random.default_rng([seed, 9])
        taste, ridge = person(rng), Ridge(films.shape[1])
        for row in rng.integers(0, len(films), 60):
            ridge.hear(films[row], float(rng.random() < np.clip(films[row] @ taste, 0, 1)))
        logs, truth = [], []
        for _ in range(shown):
            choice = films[rng.integers(0, len(films), CHOICE)]
            expected, chances = ridge.expect(choice), np.clip(choice @ taste, 0, 1)
            likely = chances_of(expected, 0.3)
            at = int(rng.choice(CHOICE, p=likely))
            reward = float(rng.random() < chances[at])
            logs.append((reward, likely[at], 1 / CHOICE, expected[at], expected.mean()))
            truth.append(chances.mean())
        found = judge(*np.array(logs).T, seed=seed)
        for name, estimate in (("IPS", found.ips), ("SNIPS", found.snips), ("doubly robust", found.doubly_robust)):
            inside[name] += estimate.low <= np.mean(truth) <= estimate.high
            off[name].append(abs(estimate.value - float(np.mean(truth))))
    return {
        f"off-policy {name}: truth in the interval, mean error": f"{inside[name]}/{seeds}, {np.mean(off[name]):.4f}"
        for name in inside
    }


def beside_mabwiser(rounds: int = 2000, width: int = 24, arms: int = 5) -> dict[str, object]:
    """Both hear the same; how often they choose the same, and what an update takes."""
    from mabwiser.mab import MAB, LearningPolicy

    rng = np.random.default_rng(4)
    contexts = rng.standard_normal((rounds, width))
    tastes = rng.standard_normal((arms, width))
    ours = [Ridge(width) for _ in range(arms)]
    theirs = MAB(list(range(arms)), LearningPolicy.LinUCB(alpha=BOLDNESS, l2_lambda=1.0))
    # It wants a first fit: one reward of nought for each arm, at a context that both hear.
    first = rng.standard_normal((arms, width))
    theirs.fit(list(range(arms)), [0.0] * arms, first)
    for arm in range(arms):
        ours[arm].hear(first[arm], 0.0)
    same, took = 0, {"ours": list[float](), "theirs": list[float]()}
    for context in contexts:
        chosen = theirs.predict(context[None])
        same += int(np.argmax([float(_hope(ridge, context)) for ridge in ours])) == chosen
        reward = float(context @ tastes[chosen] + rng.normal() > 0)
        start = time.perf_counter()
        ours[chosen].hear(context, reward)
        between = time.perf_counter()
        theirs.partial_fit([chosen], [reward], context[None])
        took["ours"].append(between - start)
        took["theirs"].append(time.perf_counter() - between)
    own, other = (float(np.median(took[name])) for name in ("ours", "theirs"))
    return {
        "same choice as MABWiser": f"{same}/{rounds}",
        "update, µs: ours, MABWiser's partial_fit": f"{own * 1e6:.1f}, {other * 1e6:.1f} (×{other / own:.1f})",
    }


def run(found: Histories, people: int = PEOPLE) -> dict[str, object]:
    return compare_regrets(found, people) | off_policy(contents(found)) | beside_mabwiser()


def compare_regrets(found: Histories, people: int = PEOPLE) -> dict[str, object]:
    """Regret of each way, and of both bandits less the others', one simulated person at a time: the same taste, films
    and luck for every way.
    """
    films = contents(found)
    sums = {name: np.array([regrets(films, way, seed) for seed in range(people)]) for name, way in WAYS.items()}
    lines: dict[str, object] = {"simulated people": people}
    lines |= {f"regret {name}": _mean(values) for name, values in sums.items()}
    for name in ("LinUCB", "Thompson"):
        for other in ("ε-greedy", "random"):
            lines[f"regret {name} - {other}"] = _mean(sums[name] - sums[other])
    return lines
