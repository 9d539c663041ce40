"""Mixes keep their rules, and paths go on and on; by hand-made arrays, and against every possible path."""

import itertools

import numpy as np
import pytest

from media_assistant.analysis.key import MAJOR_NAMES, MINOR_NAMES
from media_assistant.learning.harmony import camelot, place_of, relation
from media_assistant.learning.mixing import Made, Rules, Tracks, between, compose, walk


def tracks(count: int, seed: int, width: int = 8) -> Tracks:
    rng = np.random.default_rng(seed)
    units = rng.standard_normal((count, width)).astype(np.float32)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    tempos = rng.uniform(70, 160, count).astype(np.float32)
    tempos[rng.random(count) < 0.1] = np.nan
    keys = rng.integers(-1, 24, count)
    return Tracks(units, rng.uniform(120, 300, count).astype(np.float32), tempos, keys, rng.integers(-1, 12, count))


def test_keys_have_their_place_on_the_circle_of_fifths() -> None:
    places = [place_of(f"{name} major") for name in MAJOR_NAMES] + [place_of(f"{name} minor") for name in MINOR_NAMES]
    assert sorted(places) == list(range(24)), "every name that the analysis gives"
    assert [camelot(place_of(key)) for key in ("A minor", "C major", "Db major", "G# minor", "E minor")] == [
        "8A", "8B", "3B", "1A", "9A",
    ]  # fmt: skip
    said = {
        name: relation(place_of("A minor"), place_of(name)) for name in ("A minor", "C major", "E minor", "D minor")
    }
    assert said == {"A minor": "same", "C major": "relative", "E minor": "fifth", "D minor": "fifth"}
    assert relation(place_of("A minor"), place_of("A major")) == relation(place_of("none"), place_of("A minor")) == ""


@pytest.mark.parametrize("seed", range(6))
def test_a_mix_keeps_every_rule(seed: int) -> None:
    given = tracks(400, seed)
    course = (1, -1, 0)[seed % 3]
    key = ("compatible", "same")[seed % 2]
    rules = Rules(1800, 90, tempo=(90, 140), course=course, key=key)
    made = compose(given, [0, 1], rules)
    rows = list(made.rows)
    assert len(set(rows)) == len(rows) > 1
    tempos, total = given.tempos[rows], float(given.seconds[rows].sum())
    assert ((tempos >= 90) & (tempos <= 140)).all()
    assert total <= 1890 and (made.bound or total >= 1710)
    assert (course * np.diff(np.log(tempos)) >= -0.0101).all()
    for one, other in itertools.pairwise(rows):
        assert relation(int(given.keys[one]), int(given.keys[other])) in (
            ("same",) if key == "same" else ("same", "relative", "fifth")
        )
        assert given.artists[one] < 0 or given.artists[one] != given.artists[other]
    loose = compose(given, [0, 1], Rules(1800, 90))
    assert not loose.bound
    assert abs(given.seconds[list(loose.rows)].sum() - 1800) <= 90


def test_a_mix_is_nearer_to_its_seeds_than_chance() -> None:
    given = tracks(400, 9)
    made = compose(given, [5], Rules(steps=12))
    assert len(made.rows) == 12
    likeness = given.units @ given.units[5]
    assert likeness[list(made.rows)].mean() > np.sort(likeness)[-40:].mean() * 0.8 > likeness.mean() + 0.2


def test_what_bound_is_said() -> None:
    given = tracks(60, 3)
    given.artists[:] = -1
    given.tempos[:] = 100
    given.keys[:] = 0
    assert compose(given, [0], Rules(steps=100)).bound == "number"
    given.tempos[10:] = 150
    assert compose(given, [0], Rules(steps=20, tempo=(90, 110))).bound == "tempo"
    given.keys[10:] = 13
    made = compose(given, [0], Rules(steps=20, key="compatible"), {0: 0})
    assert made == Made(made.rows, "key") and len(made.rows) == 10
    given.artists[:] = 1
    assert compose(given, [0], Rules(steps=20)).bound == "artist"
    given.artists[:] = -1
    given.seconds[:] = 500
    assert compose(given, [0], Rules(seconds=800, within_s=60)).bound == "length"
    assert compose(given, [], Rules(steps=5), without=range(60)) == Made((), "number")


def test_what_a_person_fixed_stays_and_what_stands_beside_it_fits() -> None:
    given = tracks(300, 4)
    rules = Rules(steps=8, key="compatible")
    first = compose(given, [0], rules)
    locked = {at: row for at, row in enumerate(first.rows) if at != 4}
    again = compose(given, [0], rules, locked, without=[first.rows[4]])
    assert [row for at, row in enumerate(again.rows) if at != 4] == list(locked.values())
    assert again.rows[4] != first.rows[4]
    for one, other in itertools.pairwise(again.rows):
        assert relation(int(given.keys[one]), int(given.keys[other]))


def jumps(given: Tracks, rows: tuple[int, ...]) -> list[float]:
    return [float(np.linalg.norm(given.units[one] - given.units[other])) for one, other in itertools.pairwise(rows)]


@pytest.mark.parametrize("seed", range(8))
def test_a_path_goes_on_and_is_the_best_of_all(seed: int) -> None:
    given = tracks(14, seed, width=3)
    rows = walk(given, 0, 1, 5)
    ahead = given.units @ (given.units[1] - given.units[0])
    assert rows[0] == 0 and rows[-1] == 1 and (np.diff(ahead[list(rows)]) > 0).all()
    direct = jumps(given, (0, 1))[0]
    assert max(jumps(given, rows)) <= direct + 1e-6
    possible = [
        (0, *middle, 1)
        for middle in itertools.permutations(range(2, 14), len(rows) - 2)
        if (np.diff(ahead[[0, *middle, 1]]) > 0).all()
        and all(given.artists[a] < 0 or given.artists[a] != given.artists[b] for a, b in itertools.pairwise((0, *middle, 1)))
    ]  # fmt: skip
    if len(rows) > 2:
        assert max(jumps(given, rows)) <= min(max(jumps(given, each)) for each in possible) + 1e-5


@pytest.mark.parametrize("seed", range(6))
def test_locked_steps_of_a_path_hold_and_the_rest_is_the_best_between_them(seed: int) -> None:
    given = tracks(300, seed, width=4)
    given.artists[:] = -1
    first = walk(given, 0, 1, 9)
    assert len(first) == 9
    beside = next(row for row in range(2, 300) if row not in first)
    rows = walk(given, 0, 1, 9, {3: beside, 6: first[6]})
    assert (rows[0], rows[-1]) == (0, 1) and len(set(rows)) == len(rows)
    at, later = rows.index(beside), rows.index(first[6])
    assert 0 < at <= 3 and at < later <= 6, "in their order, and no later than they stood"
    if len(rows) == 9:
        assert (at, later) == (3, 6)
    # Each piece is what the way between its two ends is, and no larger than going there directly.
    for one, other in ((0, at), (at, later), (later, len(rows) - 1)):
        piece = rows[one : other + 1]
        assert max(jumps(given, piece)) <= jumps(given, (piece[0], piece[-1]))[0] + 1e-6
    assert rows[: at + 1] == walk(given, 0, beside, 4)
    assert walk(given, 0, 1, 9, dict(enumerate(first))) == first, "all of it locked: nothing moves"


def test_another_step_is_the_nearest_to_both_its_neighbours() -> None:
    given = tracks(200, 7, width=4)
    given.artists[:] = -1
    found = between(given, 0, 1, [2, 3])
    apart = [max(jumps(given, (0, row)) + jumps(given, (row, 1))) for row in range(200)]
    allowed = [row for row in range(200) if row > 3]
    assert found == min(allowed, key=lambda row: apart[row])
    given.artists[:] = np.arange(200)
    given.artists[[0, found]] = 5
    other = between(given, 0, 1, [2, 3])
    assert other not in (5, found) and given.artists[other] != 5
    assert between(given, 0, 1, range(2, 200)) == -1
