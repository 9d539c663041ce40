"""Heads on courses: order is learned where only order tells, and no head is kept for nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.items.training import Phase
from media_assistant.learning.course import padded
from media_assistant.training.torch_parts import missing_parts

pytestmark = pytest.mark.skipif(bool(missing_parts()), reason="the extra `train` is not installed")

WIDTH = 16
Courses = tuple[np.ndarray[Any, np.dtype[np.float32]], np.ndarray[Any, np.dtype[np.float32]], tuple[int, ...]]


def two_halves(count: int, *, is_order: bool, seed: int = 5) -> Courses:
    """Courses of noisy A's and B's: A then B against B then A, or mostly A against mostly B in any order."""
    drawn = np.random.default_rng(seed)
    kinds = drawn.normal(size=(2, WIDTH))
    courses, classes = [], []
    for number in range(count):
        its, half = number % 2, int(drawn.integers(2, 8))
        if is_order:
            # As many of one as of the other, so that their mean tells nothing.
            places = np.repeat([its, 1 - its], half)
        else:
            places = drawn.permutation(np.repeat([its, 1 - its], [2 * half, half]))
        steps = kinds[places] + drawn.normal(size=(len(places), WIDTH)) * 0.7
        courses.append((steps / np.linalg.norm(steps, axis=1, keepdims=True)).astype(np.float32))
        classes.append(its)
    return *padded(courses, WIDTH), tuple(classes)


def wish_for(folder: Path, classes: tuple[int, ...], **others: Any) -> Any:
    from media_assistant.training.courses import CourseWish

    given = {"digest": "one", "state_file": folder / "state.pt", "device": "cpu", "threads": 1, **others}
    return CourseWish(("first", "second"), classes, tuple(range(len(classes))), **given)


def test_order_is_learned_where_only_order_tells_and_runs_in_onnx_runtime(tmp_path: Path) -> None:
    from media_assistant.training.courses import train_course
    from media_assistant.training.exporting import PARITY, export_course

    steps, mask, classes = two_halves(120, is_order=True)
    told: list[Phase] = []
    made = train_course(steps, mask, wish_for(tmp_path, classes, epochs=60), told.append, bool)
    scores = {way.way: way.accuracy for way in made.report.ways}
    assert scores["linear"] <= 0.7 and min(scores["gru"], scores["transformer"]) >= 0.9
    assert made.report.way in {"gru", "transformer"} and made.report.accuracy >= 0.9
    assert made.report.head_accuracy == scores["linear"]
    assert list(dict.fromkeys(phase.name for phase in told)) == ["linear", "gru", "transformer"]
    assert sum(made.report.counts.values()) == 120
    for network in (made.network, built(made, "gru")):
        assert export_course(network, steps, mask, tmp_path / "model.onnx", 1).parity <= PARITY
    assert [file.name for file in tmp_path.glob("*.onnx")] == ["model.onnx"]


def built(made: Any, way: str) -> Any:
    from media_assistant.training.course_heads import build_head
    from media_assistant.training.torch_parts import load

    torch, _ = load()
    return build_head(torch, way, 64, 2, made.network.centre, made.network.spread).eval()


def test_where_the_order_says_nothing_the_plain_mean_is_kept(tmp_path: Path) -> None:
    from media_assistant.training.courses import train_course

    steps, mask, classes = two_halves(80, is_order=False)
    report = train_course(steps, mask, wish_for(tmp_path, classes, epochs=40), lambda _: None, bool).report
    assert report.way == "linear" and report.accuracy >= 0.8


def test_a_stopped_training_goes_on_with_the_head_that_it_was_at(tmp_path: Path, monkeypatch: Any) -> None:
    from media_assistant.training import courses

    monkeypatch.setattr(courses, "_KEPT_EVERY_S", 0.0)
    steps, mask, classes = two_halves(40, is_order=True)
    wish = wish_for(tmp_path, classes, epochs=4)
    told: list[Phase] = []

    def stop_in_the_second_head() -> bool:
        return bool(told) and (told[-1].name, told[-1].step) == ("gru", 2)

    with pytest.raises(Cancelled):
        courses.train_course(steps, mask, wish, told.append, stop_in_the_second_head)
    told.clear()
    gone_on = courses.train_course(steps, mask, wish, told.append, bool).report
    assert gone_on.is_resumed and (told[0].name, told[0].step) == ("gru", 2)
    (tmp_path / "state.pt").unlink()
    unbroken = courses.train_course(steps, mask, wish, told.append, bool).report
    assert [way.stop_loss for way in gone_on.ways] == pytest.approx([way.stop_loss for way in unbroken.ways], rel=1e-3)
    assert not courses.train_course(
        steps, mask, wish_for(tmp_path, classes, epochs=4, digest="two"), told.append, bool
    ).report.is_resumed


def test_too_few_are_said(tmp_path: Path) -> None:
    from media_assistant.training.courses import train_course

    steps, mask, classes = two_halves(4, is_order=True)
    with pytest.raises(UserFixable, match=r"training\.too_few"):
        train_course(steps, mask, wish_for(tmp_path, classes), lambda _: None, bool)
