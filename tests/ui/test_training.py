"""The page where a network is trained: what there is to learn from, what is missing, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from media_assistant.items.concept import Concept
from media_assistant.items.findings import Vector
from media_assistant.items.kind import Kind
from media_assistant.items.span import TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.items.training import OTHER, Matter, Phase, TrainingReport, WayScore
from media_assistant.library.library import NewItem
from media_assistant.paths import find_paths
from media_assistant.training.torch_parts import missing_parts
from media_assistant.ui.places import Place
from media_assistant.ui.startup.running import Running
from media_assistant.ui.training_words import default_name, label_name
from media_assistant.workflows.training import training
from media_assistant.workflows.training.training import Outcome
from media_assistant.workflows.training.training_pack import look

Opener = Callable[..., Running]
REX, FEW = Concept("own:Rex", "Rex", "雷克斯"), Concept("own:Few", "Few")


@pytest.fixture
def page(open_window: Opener, qtbot: QtBot, home: Path) -> tuple[Running, Any]:
    running = open_window(works=False)
    library = running.assistant.library
    library.add_items([NewItem(Kind.PHOTO, f"/p/{n}.jpg", str(n), 10, n, f"h{n}") for n in range(1, 9)])
    library.decide_tag([1, 2, 3, 4, 5, 6], REX, TagState.ACCEPTED)
    library.decide_tag([7], FEW, TagState.ACCEPTED)
    running.window.go(Place("models"))
    qtbot.mouseClick(running.window.page("models").train_button, Qt.MouseButton.LeftButton)
    shown = running.window.page("training")
    qtbot.waitUntil(lambda: shown.tags.count() == 2, timeout=10_000)
    return running, shown


def test_it_says_what_there_is_to_learn_and_what_is_missing(page: tuple[Running, Any]) -> None:
    _, shown = page
    first, second = shown.tags.item(0), shown.tags.item(1)
    assert first.text().startswith("Rex") and "6" in first.text()
    assert first.flags() & Qt.ItemFlag.ItemIsEnabled and not second.flags() & Qt.ItemFlag.ItemIsEnabled
    assert "5" in second.toolTip()
    has_pack = look(find_paths()).offer is not None
    assert shown.lacks.isVisibleTo(shown) == (bool(missing_parts()) and not has_pack)
    controls = (shown.name, shown.backbone, shown.train, shown.fetch)
    assert [one.isVisibleTo(shown) for one in controls] == [not missing_parts()] * 4
    if missing_parts() and has_pack:
        assert "pip install" in shown.pack.download.toolTip()
    assert shown.backbone.count() == 3
    first.setCheckState(Qt.CheckState.Checked)
    # Without the weights that it begins with nothing can be trained, and nothing random takes their place.
    assert not shown.train.isEnabled()


def test_what_starts_a_training_comes_with_what_it_needs_and_enough_tags(
    page: tuple[Running, Any], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, shown = page
    monkeypatch.setattr(training, "missing_parts", lambda _site=None: ())
    shown.refresh()
    qtbot.waitUntil(lambda: shown.name.isVisibleTo(shown), timeout=10_000)
    assert shown.train.isVisibleTo(shown) and shown.backbone.isVisibleTo(shown) and shown.fetch.isVisibleTo(shown)
    assert not shown.lacks.isVisibleTo(shown)
    running.assistant.library.decide_tag([1, 2, 3], REX, TagState.REJECTED)
    shown.refresh()
    qtbot.waitUntil(lambda: not shown.name.isVisibleTo(shown), timeout=10_000)
    assert not any(one.isVisibleTo(shown) for one in (shown.train, shown.backbone, shown.fetch))


def test_of_a_chosen_tag_it_is_said_which_way_to_learn_it_is_advised(page: tuple[Running, Any], qtbot: QtBot) -> None:
    _, shown = page
    assert not shown.which_way.isVisibleTo(shown)
    shown.tags.item(0).setCheckState(Qt.CheckState.Checked)
    qtbot.waitUntil(lambda: shown.which_way.isVisibleTo(shown), timeout=10_000)
    said = [line.text() for line in shown.which_way.lines]
    assert any("6" in line and "40" in line for line in said)
    shown.tags.item(0).setCheckState(Qt.CheckState.Unchecked)
    qtbot.waitUntil(lambda: not shown.which_way.isVisibleTo(shown), timeout=10_000)


def test_a_fault_is_said_in_place_and_everything_can_be_chosen_again(page: tuple[Running, Any], qtbot: QtBot) -> None:
    _, shown = page
    shown.start("Rex", [REX], "resnet18")
    assert shown.stop.isVisibleTo(shown) and not shown.tags.isEnabled()
    shown._tell(Phase("network", 2, 40, 90.0))
    assert "3" in shown.said.text() and shown.bar.value() == 50
    qtbot.waitUntil(shown.tags.isEnabled, timeout=10_000)
    assert shown.said.text()
    assert not shown.stop.isVisibleTo(shown)


def test_what_training_needs_is_offered_and_installed_only_when_asked(
    page: tuple[Running, Any], qtbot: QtBot, tmp_path: Path
) -> None:
    _, shown = page
    box = shown.pack
    pack = look(find_paths())
    if pack.offer is None or not missing_parts():
        pytest.skip("nothing is missing here, or there is no pack for this system")
    assert box.isVisibleTo(shown) and box.download.isVisibleTo(shown) and not box.remove.isVisibleTo(shown)
    assert "MB" in box.download.text() and box.text.text()
    box.wanted.emit(tmp_path)
    # While it comes nothing else can be begun; a folder without a pack is said to be one, in place.
    assert shown.stop.isVisibleTo(shown) and not box.download.isVisibleTo(shown)
    shown._tell(Phase("fetch", 3_000_000_000, 6_000_000_000, 90.0))
    assert shown.bar.value() == 500 and "GB" in shown.said.text()
    qtbot.waitUntil(shown.tags.isEnabled, timeout=10_000)
    assert tmp_path.name in shown.said.text() and box.download.isVisibleTo(shown)
    # A stopped download can be thrown away: two clicks.
    left = find_paths().training_pack / ".arriving" / "wheels" / "torch.whl"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"x" * 2_000_000)
    shown.refresh()
    qtbot.waitUntil(lambda: box.remove.isVisibleTo(shown), timeout=10_000)
    qtbot.mouseClick(box.remove, Qt.MouseButton.LeftButton)
    assert left.is_file()
    qtbot.mouseClick(box.remove, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not box.remove.isVisibleTo(shown), timeout=10_000)
    assert not left.exists()


def test_what_was_begun_can_be_thrown_away(page: tuple[Running, Any], qtbot: QtBot) -> None:
    running, shown = page
    folder = running.assistant.paths.user_models / ".training" / "own-Rex"
    folder.mkdir(parents=True)
    (folder / "plan.json").write_text('{"name": "Rex", "labels": ["own:Rex", ""], "backbone": "resnet18"}', "utf-8")
    shown.refresh()
    words = running.window.words if hasattr(running.window, "words") else shown._desk.words

    def buttons(code: str = "throw_away") -> list[QPushButton]:
        return [one for one in shown.findChildren(QPushButton) if one.text() == words.say(f"ui.training.{code}")]

    qtbot.waitUntil(lambda: bool(buttons()), timeout=10_000)
    qtbot.mouseClick(buttons()[0], Qt.MouseButton.LeftButton)
    qtbot.wait(100)
    assert folder.exists() and not buttons(), "hours of work do not go by one click"
    qtbot.mouseClick(buttons("throw_away_surely")[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not buttons() and not buttons("throw_away_surely"), timeout=10_000)
    assert not folder.exists()


def test_the_report_is_honest_and_can_be_heard(page: tuple[Running, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    running, shown = page
    asked: list[int] = []
    states = running.assistant.model_states
    monkeypatch.setattr(running.assistant, "model_states", lambda: asked.append(1) or states())
    report = TrainingReport((REX.id, OTHER), ((3, 1), (0, 4)), 0.875, 0.5, 0.75, {"held_back": 8}, "network", 12)
    shown._trained(Outcome("own-Rex", report))
    text = shown.report.text()
    assert "88" in text and "50" in text and "75" in text
    assert "model “Rex”" in text and "Rex: 3 of 4" in text
    assert asked, "the sidebar counts the models again"
    assert shown.confusion.accessibleDescription() == text
    assert not shown.confusion.grab().toImage().isNull()
    # A tag that this library has no more has a name still, and is told from what is none of the tags.
    assert label_name(shown._desk.words, running.assistant.library, "own:Gone") == "Gone"


@pytest.fixture
def course_page(open_window: Opener, qtbot: QtBot, home: Path) -> tuple[Running, Any]:
    """Twelve films whose moments are known, six of them tagged; the page, not yet shown."""
    running = open_window(works=False)
    library = running.assistant.library
    library.add_items([NewItem(Kind.VIDEO, f"/p/{n}.mp4", str(n), 10, n, f"h{n}") for n in range(1, 13)])
    for item in range(1, 13):
        steps = [Vector("net", TimeSpan(at, at + 1), np.eye(2, dtype="<f4")[at].tobytes()) for at in (0, 1)]
        library.save_findings(item, "sights", 1, "m", "r", steps, None, True)
    library.decide_tag([1, 2, 3, 4, 5, 6], REX, TagState.ACCEPTED)
    report = TrainingReport(
        (REX.id, OTHER), ((3, 1), (0, 4)), 0.875, 0.5, 0.5, way="gru", matter=Matter.SEEN,
        ways=(WayScore("linear", 0.5, 0.7, 30, 1.2), WayScore("gru", 0.875, 0.2, 41, 3.0)),
    )  # fmt: skip
    folder = running.assistant.paths.user_models / "own-before"
    folder.mkdir(parents=True)
    told = {"at": "2026-01-01T00:00:00+00:00", "report": asdict(report), "notes": []}
    (folder / "report.json").write_text(json.dumps(told), "utf-8")
    running.window.go(Place("training"))
    return running, running.window.page("training")


def test_the_course_is_offered_and_what_came_of_the_last_training_is_still_there(
    course_page: tuple[Running, Any], qtbot: QtBot
) -> None:
    _, shown = course_page
    qtbot.waitUntil(lambda: shown.matter.count() == 2, timeout=10_000)
    assert shown.matter.isVisibleTo(shown) and shown.fetch.isVisibleTo(shown) == (not missing_parts())
    assert "88" in shown.report.text() and "“before”" in shown.report.text()
    cells = [one.text() for one in shown.ways.findChildren(QLabel)]
    assert "50%" in cells and any("88" in one for one in cells) and any("kept" in one for one in cells)
    shown.matter.setCurrentIndex(1)
    qtbot.waitUntil(lambda: shown.tags.count() == 1, timeout=10_000)
    assert "6" in shown.tags.item(0).text()
    shown.tags.item(0).setCheckState(Qt.CheckState.Checked)
    # It begins with nothing that would have to be fetched.
    assert not shown.fetch.isVisibleTo(shown) and not shown.backbone.isVisibleTo(shown)
    assert shown.train.isEnabled() == (not missing_parts())
    assert default_name(shown._desk.words, [REX], Matter.SEEN) == "seen, Rex"
    assert default_name(shown._desk.words, [REX], Matter.PICTURES) == "Rex"


def test_which_way_waits_for_nobody_and_asks_once_at_a_time(
    page: tuple[Running, Any], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, shown = page
    asked: list[Future[dict[str, Any]]] = []

    def measure(_concept_id: str) -> Future[dict[str, Any]]:
        asked.append(Future())
        return asked[-1]

    monkeypatch.setattr(running.assistant.teaching, "try_ways", measure)
    for _ in range(4):
        shown.which_way.show_tag(REX)
    read: list[int] = []
    running.desk.bridge.read(lambda: 1, read.append, owner=shown)
    qtbot.waitUntil(lambda: bool(read), timeout=10_000)
    qtbot.waitUntil(lambda: len(asked) == 1, timeout=10_000)
    shown.which_way.show_tag(FEW)
    shown.which_way.show_tag(REX)
    asked[0].set_result({})
    qtbot.waitUntil(lambda: shown.which_way.found is not None, timeout=10_000)
    assert len(asked) == 3, "the other tag, and once more what was asked for meanwhile"
    asked[1].set_result({})
    asked[2].set_result({})
    qtbot.waitUntil(lambda: not shown.which_way._asked, timeout=10_000)
    assert len(asked) == 3
