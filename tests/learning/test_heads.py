"""Heads: what is like the examples is told from the rest, honestly, and nothing odd brings it down."""

from __future__ import annotations

import math

import numpy as np
import pytest

from media_assistant.learning.asking import choose
from media_assistant.learning.fitting import _precisions, fit, fit_line, is_contradictory
from media_assistant.learning.ground import Ground
from media_assistant.learning.heads import head_from_bytes, head_to_bytes, judge, score
from media_assistant.learning.tag_heads import Part, answer, ask, heads_from_bytes, heads_to_bytes, heard, learn
from media_assistant.learning.things import Floats, Things, gather, pack, unpack

WIDTH, TOPICS, MEMBERS = 48, 8, 12


def cluster(seed: int = 3, noise: float = 0.6) -> tuple[Things, np.ndarray]:
    """Things around a few points, a tenth of them with labels; and of each its point."""
    draw = np.random.default_rng(seed)
    points = draw.standard_normal((TOPICS, WIDTH))
    of = np.repeat(np.arange(TOPICS), MEMBERS)
    rows = points[of] + noise * draw.standard_normal((len(of), WIDTH)) + 0.8
    units = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    labels = {at: {f"t{topic}": 0.7} for at, topic in enumerate(of.tolist()) if at % 10 == 0}
    vectors: dict[int, list[Floats]] = {at: [unit] for at, unit in enumerate(units)}
    return gather(range(len(of)), {"looks": vectors}, labels), of


def examples(of: np.ndarray, wanted: int, others: int) -> tuple[np.ndarray, np.ndarray]:
    rows = np.concatenate([np.flatnonzero(of == 0)[:wanted], np.flatnonzero(of == 1)[:others]])
    return rows, np.arange(len(rows)) < wanted


@pytest.mark.parametrize(("wanted", "others"), [(1, 0), (3, 1), (6, 4), (12, 12)])
def test_what_is_like_the_examples_stands_above_the_rest(wanted: int, others: int) -> None:
    things, of = cluster()
    rows, is_wanted = examples(of, wanted, others)
    ground = Ground(things, len(things))
    fitted = fit(things.take(rows), is_wanted, ground)
    judged = judge(fitted.head, ground, things)
    rest = np.setdiff1d(np.flatnonzero(of != 0), rows)
    assert judged.scores[of == 0].min() > np.quantile(judged.scores[rest], 0.9)
    assert judged.chances[of == 0].mean() > (0.5 if wanted > 1 else 0.4) > judged.chances[rest].mean() + 0.1


@pytest.mark.parametrize("form", ["likeness", "linear", "forest"])
def test_a_kept_head_judges_as_before(form: str) -> None:
    things, of = cluster()
    rows, is_wanted = examples(of, 12, 8)
    ground = Ground(things, len(things))
    head = fit(things.take(rows), is_wanted, ground, (form,)).head
    assert head.form == form
    kept = head_from_bytes(head_to_bytes(head))
    np.testing.assert_allclose(judge(kept, ground, things).chances, judge(head, ground, things).chances, atol=1e-6)
    assert judge(kept, ground, things).scores[of == 0].mean() > judge(kept, ground, things).scores[of > 1].mean()


def test_what_is_learnt_is_the_same_in_a_worker_as_here() -> None:
    things, of = cluster()
    rows, is_wanted = examples(of, 5, 3)
    parts = {"seen": Part(things.take(rows), is_wanted, things, len(things))}
    there, here = heard(answer(ask(parts))), learn(parts)
    assert there.forms == here.forms
    for space, weights in here.heads["seen"].weights.items():
        np.testing.assert_allclose(there.heads["seen"].weights[space], weights, atol=1e-5)
    again = heads_from_bytes(heads_to_bytes(here.heads))
    assert again["seen"].labels == here.heads["seen"].labels


def test_every_form_that_is_tried_is_measured_on_examples_that_it_has_not_seen() -> None:
    things, of = cluster()
    rows, is_wanted = examples(of, 6, 4)
    ground = Ground(things, len(things))
    fitted = fit(things.take(rows), is_wanted, ground)
    assert [trial.form for trial in fitted.trials] == ["likeness", "linear"]
    for trial in fitted.trials:
        assert trial.count == 6 and 0.5 < trial.precision <= 1 and trial.took_s > 0
    # One example cannot be left out: nothing is claimed.
    (alone,) = fit(things.take(rows[:1]), np.ones(1, bool), ground).trials
    assert math.isnan(alone.precision) and alone.count == 0
    parts = {"seen": Part(things.take(rows), is_wanted, things, len(things))}
    told = heard(answer(ask(parts))).trials["seen"]
    assert [(each.form, each.precision) for each in told] == [(each.form, each.precision) for each in fitted.trials]


def test_average_precision_counts_what_stands_above_an_example() -> None:
    things, _ = cluster()
    ground = Ground(things, len(things))
    head = fit(things.take(np.arange(2)), np.ones(2, bool), ground).head
    usual = np.sort(score(head, ground, ground.features, ground.marks))
    # One above all, one with three of the library above it, and a counter-example above that.
    left_out = np.array([usual[-1] + 1, usual[-4] + 1e-4, usual[-1] + 0.5], np.float32)
    wanted = np.array([True, True, False])
    found = _precisions(left_out, wanted, head, np.full(3, -1), ground)
    assert found.tolist() == pytest.approx([1.0, 2 / (2 + 3 + 1)])


def test_things_travel_as_bytes() -> None:
    things, _ = cluster()
    back = unpack(pack(things))
    assert [dict(each) for each in back.labels] == [
        {concept: float(np.float32(score)) for concept, score in each.items()} for each in things.labels
    ]
    np.testing.assert_array_equal(back.units["looks"], things.units["looks"])
    np.testing.assert_array_equal(back.rows["looks"], things.rows["looks"])


def test_vectors_that_are_no_numbers_are_left_out() -> None:
    good, bad, nought = np.ones(4, np.float32) / 2, np.full(4, np.nan, np.float32), np.zeros(4, np.float32)
    things = gather([7, 8, 9], {"looks": {7: [good], 8: [bad, good], 9: [nought]}}, {})
    assert things.known().tolist() == [True, True, False]
    assert things.rows["looks"].tolist() == [0, 1]


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_a_library_of_hardly_anything_is_no_fault(count: int) -> None:
    things, _ = cluster()
    few = things.take(np.arange(count))
    parts = {"seen": Part(things.take(np.array([0])), np.ones(1, bool), few, count)}
    learnt = learn(parts)
    for head in learnt.heads.values():
        chances = judge(head, Ground(few, count, head.labels), things).chances
        assert np.isfinite(chances).all()


def test_examples_that_are_all_the_same_and_a_library_of_one_thing() -> None:
    things, _ = cluster()
    same = things.take(np.zeros(6, np.int64))
    ground = Ground(things.take(np.zeros(20, np.int64)), 20)
    fitted = fit(same, np.array([True] * 5 + [False]), ground)
    assert np.isfinite(judge(fitted.head, ground, things).chances).all()
    assert is_contradictory(same, [True] * 5 + [False])


def test_answers_move_the_calibration() -> None:
    high = np.full(12, 2.0)
    slope, middle = fit_line(high, np.zeros(12), 1.0, 0.0, 1.5)
    assert 1 / (1 + math.exp(-slope * (2.0 - middle))) < 0.5
    _, still = fit_line(np.empty(0), np.empty(0), 1.0, 0.3, 1.5)
    assert still == 0.3


def test_questions_are_uncertain_and_differ() -> None:
    chances = np.array([0.99, 0.5, 0.5, 0.5, 0.01], np.float32)
    features = np.array([[1, 0], [1, 0], [1, 0.01], [0, 1], [0, 1]], np.float32)
    asked = choose(chances, features, 3, likes=6)
    assert asked[0] == 1 and asked[1] == 3
