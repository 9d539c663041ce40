"""Which way to learn a tag is advised by what was measured: on the person's examples, and on this computer."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from media_assistant.items.concept import Concept
from media_assistant.items.kind import Kind
from media_assistant.items.tag import TagState
from media_assistant.items.training import Part
from media_assistant.items.which_way import NETWORK, Network, NetworkSpeed, Way, ways_of
from media_assistant.library.library import Library, NewItem
from media_assistant.sentences import LANGUAGES, say
from media_assistant.training.parting import part_items
from media_assistant.training.torch_parts import missing_parts
from media_assistant.workflows.models.machine import load_training_speed, save_training_speed
from media_assistant.workflows.teaching import which_way
from media_assistant.workflows.teaching.which_way import network_of, say_ways, weigh
from media_assistant.workflows.training import dataset
from media_assistant.workflows.training.dataset import gather_dataset
from media_assistant.workflows.training.network_time import expected_time

FEW, MANY = Network(3, 6, 5, 40), Network(60, 120, 5, 40, (), 100.0, 400.0, "CPU")


def way(form: str, precision: float | None, *, is_kept: bool = False) -> Way:
    return Way(form, precision, 0.05, 12, 30, is_kept)


LIKENESS, BETTER = way("likeness", 0.5), way("linear", 0.7, is_kept=True)
KEPT = way("likeness", 0.6, is_kept=True)


@pytest.mark.parametrize(
    ("ways", "untried", "network", "trained", "advised", "why"),
    [
        ((), {"likeness": 1}, FEW, None, "", "nothing_measured"),
        ((way("likeness", None, is_kept=True),), {"linear": 4}, FEW, None, "likeness", "nothing_measured"),
        ((KEPT,), {"linear": 4, "forest": 12}, FEW, None, "likeness", "few"),
        ((KEPT, way("linear", 0.61)), {"forest": 12}, FEW, None, "likeness", "not_better"),
        ((way("likeness", 0.95, is_kept=True),), {}, MANY, None, "likeness", "good"),
        ((LIKENESS, BETTER), {"forest": 12}, FEW, None, "linear", "better"),
        ((LIKENESS, BETTER), {}, MANY, None, NETWORK, "network"),
        ((LIKENESS, BETTER), {}, Network(60, 120, 5, 40, ("torch",)), None, "linear", "network_missing"),
        ((LIKENESS, BETTER), {}, MANY, (0.7, 0.75), "linear", "network_was_no_better"),
        ((LIKENESS, BETTER), {}, MANY, (0.8, 0.7), "linear", "better"),
    ],
)
def test_what_is_advised_follows_from_what_was_measured(ways, untried, network, trained, advised, why) -> None:  # type: ignore[no-untyped-def]
    found = weigh(ways, untried, network, trained)
    assert (found.advised, found.why.code) == (advised, f"teach.way.{why}")
    for language in LANGUAGES:
        said = say(
            language, f"teach.advised.{advised or 'nothing'}", why=say(language, found.why.code, **found.why.parameters)
        )
        lines = [say(language, line.code, **line.parameters) for line in say_ways(found)]
        assert said and all(lines) and len(lines) >= len(ways) + len(untried) + 2


def test_the_time_of_a_network_is_that_of_its_steps_and_as_its_parts_are_parted() -> None:
    parts = part_items([0] * 100 + [1] * 100, range(200), seed=1)
    learnt, stopped = (parts.count(part) for part in (Part.LEARN, Part.STOP))
    low, high = expected_time(NetworkSpeed("net", 0.1, 0.0, 0.0, 0.0, 0.0, "CPU"), 200)
    assert low == pytest.approx(7 * 0.1 * learnt) and high == pytest.approx(40 * 0.1 * learnt)
    low, _ = expected_time(NetworkSpeed("net", 0.0, 0.1, 0.0, 0.0, 0.0, "CPU"), 200)
    assert low == pytest.approx(0.1 * (400 + 7 * stopped))
    low, high = expected_time(NetworkSpeed("net", 0.0, 0.0, 0.5, 3.0, 8.0, "CPU"), 200)
    assert low == pytest.approx(11 + 7 * 0.5) and high == pytest.approx(11 + 40 * 0.5)


def test_the_time_is_that_of_as_many_as_are_learned_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (dataset, which_way):
        monkeypatch.setattr(module, "MOST_ITEMS", 10)
    speed = NetworkSpeed("net", 0.1, 0.0, 0.0, 0.0, 0.0, "CPU")
    training: Any = SimpleNamespace(speed=lambda: speed, ability=lambda: SimpleNamespace(missing=()))
    rex = Concept("own:Rex", "Rex")
    library = Library.open(tmp_path / "library.sqlite")
    try:
        library.add_items([NewItem(Kind.PHOTO, f"/p/{n}.jpg", str(n), 10, n, f"h{n}") for n in range(1, 81)])
        for tagged, learned in ((range(1, 9), 16), (range(1, 51), 20)):
            library.decide_tag(list(tagged), rex, TagState.ACCEPTED)
            network = network_of(library, training, rex.id)
            assert len(gather_dataset(library, [rex]).items) == network.pictures == learned
            assert network.wanted == len(tagged)
            assert (network.low_s, network.high_s) == expected_time(speed, learned)
    finally:
        library.close()


def test_a_measured_step_is_remembered_beside_everything_else_and_a_broken_file_is_none(tmp_path: Path) -> None:
    speed = NetworkSpeed("net", 0.1, 0.02, 0.03, 2.0, 5.0, "CPU")
    save_training_speed(tmp_path, "this computer", speed)
    assert load_training_speed(tmp_path, "this computer", "net") == speed
    assert load_training_speed(tmp_path, "another one", "net") is None
    before = '{"form": 2, "training": {"this computer": {"net": {"backbone": "net", "learning_s": 0.1, "looking_s": 0.02, "device": "CPU"}}}}'
    next(tmp_path.iterdir()).write_text(before, "utf-8")
    assert load_training_speed(tmp_path, "this computer", "net") is None  # it did not say what is done once
    next(tmp_path.iterdir()).write_text('{"form": 2, "training": 3}', "utf-8")
    assert load_training_speed(tmp_path, "this computer", "net") is None
    save_training_speed(tmp_path, "this computer", speed)
    assert load_training_speed(tmp_path, "this computer", "net") == speed


def test_reports_of_older_versions_tell_of_no_ways() -> None:
    assert (
        ways_of({}) == ways_of({"ways": {}}) == ways_of({"ways": {"sense": "seen", "tried": [{"what": 1}]}}) == ("", ())
    )


@pytest.mark.skipif(bool(missing_parts()), reason="the extra `train` is not installed")
def test_a_step_and_what_is_done_once_are_really_measured(tmp_path: Path) -> None:
    from media_assistant.training.speed import measure_speed

    found = measure_speed("mobilenet_v3_small", 1, tmp_path, bool)
    assert found.learning_s > found.looking_s > 0 and found.device
    assert found.ending_s > 10 * found.keeping_s > 0
