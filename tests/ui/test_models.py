"""The Models page and the first-run cards against a real server on this machine."""

from __future__ import annotations

import json
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from media_assistant.assistant import Assistant
from media_assistant.errors import Cancelled
from media_assistant.inference.install import to_toml
from media_assistant.items.advice import Machine, Measured, Part, Rate
from media_assistant.paths import find_paths
from media_assistant.settings import Settings, load
from media_assistant.ui.panels.models_panel import ModelsPanel
from media_assistant.ui.panels.settings_panel import SettingsPanel
from media_assistant.ui.places import Place
from media_assistant.ui.startup.running import Running
from media_assistant.ui.widgets.models.card import ModelGroupCard
from media_assistant.ui.widgets.models.row import ModelRow
from media_assistant.workflows.models.machine import machine_key, save_machine
from tests.inference.conftest import CARD
from tests.inference.graphs import text_tower, vision_tower, write_json, write_tokenizer
from tests.inference.hub import Hub, serving

Opener = Callable[..., Running]
MODEL = "clip-vit-b-32-en"
LARGE = 24 << 20
LEFT = Qt.MouseButton.LeftButton


def write_network(folder: Path, ending: str) -> Path:
    """The files of a small network for pictures and words."""
    vision_tower(folder / f"onnx/vision_model{ending}.onnx")
    text_tower(folder / f"onnx/text_model{ending}.onnx")
    write_tokenizer(folder / "tokenizer.json")
    write_json(folder / "preprocessor_config.json", {"crop_size": {"height": 32, "width": 32}})
    return folder


@pytest.fixture
def hub(loopback_allowed: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """Serves a small network under the names of a model of the catalogue, over a line that takes seconds."""
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    folder = write_network(tmp_path / "served", "_quantized")
    (folder / "config.json").write_bytes(b"{}" + b" " * LARGE)
    files = {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    with serving(files) as server:
        yield server


@pytest.fixture
def open_models(qtbot: QtBot, open_window: Opener) -> Callable[[str], tuple[Running, ModelsPanel]]:
    """A window that shows its Models page and downloads from an address."""

    def open_it(address: str) -> tuple[Running, ModelsPanel]:
        running = open_window(works=False)
        running.assistant.set_settings(Settings(language="en", download_mirror=address)).result()
        running.window.go(Place("models"))
        page = running.window.page("models")
        assert isinstance(page, ModelsPanel)
        # The cards come with the advice, one after the other.
        qtbot.waitUntil(lambda: MODEL in page.corners, timeout=30_000)
        return running, page

    return open_it


def test_a_download_shows_how_far_it_is_stops_goes_on_and_is_removed(
    qtbot: QtBot, hub: Hub, open_models: Callable[[str], tuple[Running, ModelsPanel]]
) -> None:
    hub.pause_s = 0.01
    running, page = open_models(hub.address)
    folder = find_paths().user_models / MODEL
    qtbot.waitUntil(lambda: MODEL in page.corners)
    corner = page.corners[MODEL]
    assert corner.start.text() == "Download 153 MB"
    qtbot.mouseClick(corner.start, LEFT)
    qtbot.waitUntil(lambda: corner.bar.value() > 300, timeout=30_000)
    assert "of 2" in corner.text.text()
    assert corner.stop.isVisible()
    assert not corner.start.isVisible()
    qtbot.mouseClick(corner.stop, LEFT)
    qtbot.waitUntil(corner.start.isVisible, timeout=15_000)
    assert not corner.stop.isVisible()
    assert not folder.exists()

    hub.requests.clear()
    hub.pause_s = 0.0
    qtbot.mouseClick(corner.start, LEFT)
    qtbot.waitUntil(lambda: MODEL in page.removers, timeout=30_000)
    assert folder.is_dir()
    assert any(wanted for method, path, wanted in hub.requests if method == "GET" and path.endswith("config.json"))
    assert [state.is_in_use for state in running.assistant.model_states().result() if state.id == MODEL] == [True]

    qtbot.mouseClick(page.removers[MODEL], LEFT)
    assert folder.is_dir()
    qtbot.mouseClick(page.removers[MODEL], LEFT)
    qtbot.waitUntil(lambda: MODEL in page.corners, timeout=15_000)
    assert not folder.exists()


def test_what_went_wrong_stays_on_the_card_until_the_next_try(
    qtbot: QtBot, hub: Hub, open_models: Callable[[str], tuple[Running, ModelsPanel]]
) -> None:
    running, page = open_models(hub.address)
    qtbot.waitUntil(lambda: MODEL in page.corners)
    corner = page.corners[MODEL]
    hub.status = 403
    qtbot.mouseClick(corner.start, LEFT)
    qtbot.waitUntil(lambda: running.desk.downloads.fault((MODEL,)) is not None, timeout=15_000)
    assert "accepted its terms" in running.desk.words.fault(running.desk.downloads.fault((MODEL,)) or ValueError())
    assert corner.start.isVisible()
    hub.status = 0
    qtbot.mouseClick(corner.start, LEFT)
    assert running.desk.downloads.fault((MODEL,)) is None
    qtbot.waitUntil(lambda: MODEL in page.removers, timeout=30_000)


def test_closing_does_not_wait_for_a_download(hub: Hub) -> None:
    hub.pause_s = 0.05
    assistant = Assistant.open(find_paths(), Settings(download_mirror=hub.address), works=False)
    has_begun = threading.Event()
    future = assistant.download_model(MODEL, lambda done, _: has_begun.set() if done > 1 << 20 else None)
    waiting = assistant.download_model("faster-whisper-base")
    assert has_begun.wait(20)
    assistant.close()
    with pytest.raises(Cancelled):
        future.result()
    assert waiting.cancelled()
    assert not (find_paths().user_models / MODEL).exists()


def test_the_first_run_card_fetches_and_stops(qtbot: QtBot, hub: Hub, open_window: Opener) -> None:
    hub.pause_s = 0.01
    running = open_window(works=False)
    running.assistant.set_settings(Settings(language="en", download_mirror=hub.address)).result()
    first = running.window.library.first_run
    qtbot.waitUntil(lambda: len(first.findChildren(ModelGroupCard)) == 3)
    card = next(card for card in first.findChildren(ModelGroupCard) if card.property("card") == "chosen")
    qtbot.mouseClick(card.corner.start, LEFT)
    qtbot.waitUntil(card.corner.stop.isVisible)
    qtbot.mouseClick(card.corner.stop, LEFT)
    qtbot.waitUntil(card.corner.start.isVisible, timeout=15_000)


def test_what_came_in_is_said_on_the_first_run_cards_and_beside_the_page(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    """Nobody was on the Models page, and nothing in the library has changed."""
    running = open_window(works=False)
    window, first = running.window, running.window.library.first_run

    def cards() -> dict[str, ModelGroupCard]:
        return {card.group.name: card for card in first.findChildren(ModelGroupCard) if card.isVisible()}

    def ready() -> str:
        return next(entry.count for entry in window.sidebar.foot._entries if entry.place == Place("models"))

    qtbot.waitUntil(lambda: len(cards()) == 3)
    qtbot.waitUntil(lambda: ready() != "0 ready")
    before, sights = ready(), cards()["sights"]
    assert sights.corner is not None
    sights.corner.start.setFocus()
    stick = write_network(tmp_path / "stick", "")
    (stick / "model.toml").write_text(to_toml(CARD), "utf-8")
    running.desk.downloads.start([str(stick)])
    qtbot.waitUntil(lambda: cards()["sights"] is not sights, timeout=15_000)
    left = cards()["sights"]
    assert len(left.group.model_ids) == len(sights.group.model_ids) - 1
    assert left.corner is not None and left.corner.start.hasFocus(), "the keyboard stays on the card"
    qtbot.waitUntil(lambda: ready() != before)
    # The last of a card's.
    states = [
        replace(state, state="ready") if state.task == "speech-recognition" else state
        for state in running.assistant.model_states().result()
    ]
    running.desk.downloads.installed.emit("any", tuple(states))
    qtbot.waitUntil(lambda: "speech" in cards() and cards()["speech"].group.is_ready)
    assert [label.text() for label in cards()["speech"].findChildren(QLabel)][-1] == "ready"


def test_an_offline_folder_comes_in_or_says_why_not(qtbot: QtBot, open_window: Opener, tmp_path: Path) -> None:
    running = open_window(works=False)
    running.window.go(Place("models"))
    page = running.window.page("models")
    assert isinstance(page, ModelsPanel)
    (tmp_path / "empty").mkdir()
    page.add_folder(tmp_path / "empty")
    qtbot.waitUntil(page.copy_fault.isVisible)
    assert "no model.toml" in page.copy_fault.text()
    stick = write_network(tmp_path / "stick" / "模型", "")
    (stick / "model.toml").write_text(to_toml(CARD), "utf-8")
    page.add_folder(stick)
    qtbot.waitUntil(lambda: "tiny" in page.removers, timeout=15_000)
    assert not page.copy_fault.isVisible()
    assert page.add_button.isEnabled()


def test_a_mirror_is_an_address(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False)
    running.window.go(Place("settings"))
    page = running.window.page("settings")
    assert isinstance(page, SettingsPanel)
    page.mirror.setText("not an address")
    page.mirror.editingFinished.emit()
    assert page.mirror_fault.isVisible()
    page.mirror.setText("mirror.example.org/")
    page.mirror.editingFinished.emit()
    assert not page.mirror_fault.isVisible()
    settings = find_paths().config / "settings.json"
    qtbot.waitUntil(lambda: load(settings).download_mirror == "https://mirror.example.org")


def test_a_broken_model_says_so_and_is_repaired(
    qtbot: QtBot, hub: Hub, open_models: Callable[[str], tuple[Running, ModelsPanel]]
) -> None:
    running, page = open_models(hub.address)
    qtbot.waitUntil(lambda: MODEL in page.corners, timeout=30_000)
    qtbot.mouseClick(page.corners[MODEL].start, LEFT)
    qtbot.waitUntil(lambda: MODEL in page.removers, timeout=30_000)
    tokenizer = find_paths().user_models / MODEL / "tokenizer.json"
    tokenizer.write_bytes(tokenizer.read_bytes()[:-3] + b"   ")
    # It is found broken when the page is looked at again, before any work stumbles over it.
    running.window.go(Place("library"))
    running.window.go(Place("models"))
    qtbot.waitUntil(lambda: MODEL in page.corners, timeout=30_000)
    corner = page.corners[MODEL]
    assert corner.start.text() == "Repair"
    hub.requests.clear()
    qtbot.mouseClick(corner.start, LEFT)
    qtbot.waitUntil(lambda: MODEL not in page.corners, timeout=30_000)
    assert [path.rsplit("/", 1)[-1] for method, path, _ in hub.requests if method == "GET"] == ["tokenizer.json"]
    assert [state.state for state in running.assistant.model_states().result() if state.id == MODEL] == ["ready"]


def measured(**seconds: float) -> Machine:
    """A computer on which each unit of sights takes a model so long."""
    rate = {part: Rate(0.01, 0.0) for part in (Part.FILM, Part.PHOTO)}
    models = {
        model_id.replace("_", "-"): Measured(
            model_id.replace("_", "-"),
            "image-text-embedding",
            "",
            {part: Rate(each.reading_s, per_unit) for part, each in rate.items()},
            is_derived=True,
        )
        for model_id, per_unit in seconds.items()
    }
    card = {"has_gpu": True, "card": "Some card", "card_memory_mb": 24_000}
    return Machine("2026-07-12T10:00:00", "Some processor", 8, 7, 16_000, models=models, **card)


def test_the_page_measures_recommends_explains_and_asks_the_network_nothing(
    qtbot: QtBot, open_window: Opener, samples: Path
) -> None:
    asked: list[object] = []
    is_listening = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if is_listening and event in {"socket.connect", "socket.getaddrinfo", "socket.bind"}:
            asked.append(arguments)

    sys.addaudithook(watch)
    running = open_window(works=False)
    running.assistant.import_paths([samples], analyse=False).result()
    running.window.go(Place("models"))
    page = running.window.page("models")
    assert isinstance(page, ModelsPanel)
    sights = "image-text-embedding"
    qtbot.waitUntil(lambda: sights in page.cards, timeout=30_000)
    assert page.cards[sights].why.text() == "Nothing is ready for this yet.", (
        "what measuring is for is said once, above"
    )
    quick = page.cards[sights].rows["clip-vit-b-32-en"]
    assert "recommended" in [badge.text() for badge in quick.findChildren(QLabel)], "as on the cards of the first run"
    assert quick.corner is not None and quick.corner.start.property("role") != "primary"
    card = page.measure_card
    qtbot.mouseClick(card.start, LEFT)
    qtbot.waitUntil(lambda: page.measuring.task != "", timeout=60_000)
    assert card.stop.isVisible()
    assert card.bar.isVisible()
    assert card.text.text().startswith("Measuring: ")
    qtbot.keyClick(card.stop, Qt.Key.Key_Space)
    qtbot.waitUntil(card.start.isVisible, timeout=60_000)
    assert not page.measuring.fault
    assert not (find_paths().config / "measured.json").exists()

    key = machine_key(whole_machine=False)
    save_machine(find_paths().config, key, measured(clip_vit_b_32_en=0.05, siglip2_b_16=60.0))
    page.refresh()
    qtbot.waitUntil(lambda: "Quick: about" in page.cards[sights].why.text(), timeout=30_000)
    assert "Exact would need" in page.cards[sights].why.text()
    assert card.start.text() == "Measure again"
    assert "Some processor" in card.toolTip()
    assert "does part of the work: Some card, " in card.toolTip()
    for task in list(page.cards):
        qtbot.mouseClick(page.cards[task].details, LEFT)
        assert page.cards[task].details.text() == "Hide details"
    # Names and figures are in the details and the tool tips alone.
    row = page.cards[sights].rows["clip-vit-b-32-en"]
    assert "Xenova/clip-vit-base-patch32" in row.toolTip()
    assert "for each photo" in row.toolTip()
    for made in page.findChildren(QPushButton):
        assert "clip" not in made.text()
    running.desk.words.speak("zh_CN")
    qtbot.waitUntil(lambda: page.cards[sights].why.text().startswith("快速："))
    is_listening = False
    assert asked == []


def test_a_choice_is_made_and_given_up_from_the_keyboard(qtbot: QtBot, open_window: Opener, tmp_path: Path) -> None:
    running = open_window(works=False)
    running.window.go(Place("models"))
    page = running.window.page("models")
    assert isinstance(page, ModelsPanel)
    for name, priority in (("one", 1), ("two", 2)):
        folder = write_network(tmp_path / name, "")
        (folder / "model.toml").write_text(to_toml(CARD | {"id": name, "priority": priority}), "utf-8")
        running.assistant.import_model_folder(folder).result()
    page.refresh()
    task = "image-text-embedding"

    def rows() -> dict[str, ModelRow]:
        return page.cards[task].rows if task in page.cards else {}

    qtbot.waitUntil(lambda: "two" in rows() and rows()["two"].state.is_in_use, timeout=30_000)
    assert page.cards[task].title.text() == "Pictures, searchable in words: Your own (two)"
    use = rows()["one"].user
    assert use is not None
    assert use.accessibleName() == "Use this one: Your own (one)"
    use.setFocus()
    qtbot.keyClick(use, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: rows()["one"].state.is_in_use, timeout=30_000)
    assert page.cards[task].why.text().startswith("As you chose")
    give_up = page.findChild(QPushButton, f"choose:{task}")
    give_up.setFocus()
    qtbot.keyClick(give_up, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: rows()["two"].state.is_in_use, timeout=30_000)
    assert running.assistant.settings.chosen_models == {}


def test_a_model_pack_that_lies_at_hand_is_offered_and_installed_on_a_click(
    qtbot: QtBot, open_window: Opener, home: Path
) -> None:
    card = {
        "id": "packed",
        "task": "audio-tagging",
        "session": "own",
        "languages": ["*"],
        "licence": "MIT",
        "model": "w",
    }
    (home / "downloads").mkdir()
    with zipfile.ZipFile(home / "downloads" / "media-assistant-models-1.zip", "w") as archive:
        archive.writestr("packed/w", b"weights")
        archive.writestr("packed/model.toml", to_toml(card))
        said = {"id": "packed", "task": "audio-tagging", "licence": "MIT", "size_bytes": 7}
        archive.writestr("models.json", json.dumps({"models": [said]}))
    running = open_window(works=False)
    first = running.window.library.first_run.pack
    qtbot.waitUntil(lambda: first.isVisibleTo(running.window.library.first_run), timeout=10_000)
    assert "MIT" in first.text.text() and "media-assistant-models-1.zip" in first.text.text()
    assert not (home / "data" / "models" / "packed").exists()
    page = running.window.go(Place("models")) or running.window.page("models")
    qtbot.waitUntil(lambda: page.pack.corner is not None, timeout=10_000)
    qtbot.mouseClick(page.pack.corner.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.pack.isHidden() and first.isHidden(), timeout=10_000)
    assert (home / "data" / "models" / "packed" / "w").read_bytes() == b"weights"
