"""A photo through real networks, reviewed in the real window: what was refused never comes back, whoever looks again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from media_assistant.assistant import Assistant
from media_assistant.items.tag import TagState
from media_assistant.paths import find_paths
from media_assistant.settings import Settings
from media_assistant.ui.places import Place
from media_assistant.ui.startup.app import prepare_application
from media_assistant.ui.startup.running import Running

LONG = 120_000


@pytest.fixture
def running(qtbot: QtBot, material: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A window on a library with one photo of a dog, seen by the image-text network alone."""
    models = tmp_path / "models"
    (models / "clip-mobilenet-wordnet").parent.mkdir()
    (models / "clip-mobilenet-wordnet").symlink_to(material / "models" / "clip-mobilenet-wordnet")
    monkeypatch.setenv("MEDIA_ASSISTANT_MODELS", str(models))
    photo = Path(shutil.copy(material / "media" / "photos" / "dog_151.jpg", tmp_path / "dog.jpg"))
    assistant = Assistant.open(find_paths(), Settings(language="en", theme="dark"), is_foreground=True)
    assistant.import_paths([photo]).result(60)
    assistant.when_idle().result(120)
    opened = Running.whole(prepare_application(), assistant)
    opened.window.resize(1280, 800)
    opened.window.show()
    qtbot.waitUntil(lambda: opened.window.is_furnished, timeout=LONG)
    yield opened
    opened.close()
    assistant.close()


def test_a_refused_tag_does_not_come_back(qtbot: QtBot, running: Running, material: Path, tmp_path: Path) -> None:
    assistant, library = running.assistant, running.assistant.library
    (item_id,) = library.item_ids()

    def states() -> dict[str, TagState]:
        return {tag.concept.id: tag.state for tag in library.details(item_id).tags}

    assert states()["dog"] is TagState.SUGGESTED
    model = library.details(item_id).tags[0].source.model
    running.window.go(Place("review"))
    review = running.window.page("review")
    qtbot.waitUntil(lambda: review.shown is not None and review.queue.place[1] == len(states()), timeout=LONG)
    assert review.shown.picture.width() > 100, "the photo itself, large"
    answers: dict[str, TagState] = {}
    while (proposal := review.queue.current) is not None:
        is_dog = proposal.concept.id == "dog"
        answers[proposal.concept.id] = TagState.ACCEPTED if is_dog else TagState.REJECTED
        qtbot.keyClick(review, Qt.Key.Key_A if is_dog else Qt.Key.Key_X)
    qtbot.waitUntil(lambda: states() == answers, timeout=LONG)
    assert len(answers) > 1, "the network proposes more than the dog"

    # The same network again, then another one beside it.
    assistant.redo_analysis([item_id]).result(60)
    assistant.when_idle().result(120)
    assert states() == answers
    (tmp_path / "models" / "image-mobilenetv2").symlink_to(material / "models" / "image-mobilenetv2")
    assistant.model_states().result(60)
    assistant.redo_analysis([item_id]).result(60)
    assistant.when_idle().result(120)
    after = library.details(item_id).tags
    assert {tag.source.model for tag in after} != {model}, "another network has looked"
    assert {tag.concept.id: tag.state for tag in after if tag.concept.id in answers} == answers
    refused = {concept_id for concept_id, state in answers.items() if state is TagState.REJECTED}
    assert not {proposal.concept.id for proposal in library.proposals()} & refused
    assert library.finding.having(refused) == set()
