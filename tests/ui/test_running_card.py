"""What stands on the card of the work in hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from media_assistant.items.answers import InProgress
from media_assistant.items.kind import Kind
from media_assistant.items.sentence import Sentence
from media_assistant.ui.look.theme import Look
from media_assistant.ui.widgets.work.running_card import RunningCard
from media_assistant.ui.words import Words

REASON = "CUDA failure 2: out of memory"


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_why_the_graphics_card_does_not_do_the_work_stands_below_it(
    qtbot: QtBot, qapp: QApplication, language: str
) -> None:
    card = RunningCard(Look(qapp, "dark", is_dressed=False), Words(language))
    qtbot.addWidget(card)
    work = InProgress(1, "journey", Kind.VIDEO, 1, ("sights", "sounds"), 3.0, 20_000, 9_000, device="CUDA")
    card.show()
    card.show_work(work)
    assert "CUDA" in card.how.text()
    assert not card.setback.isVisible()
    gave_up = Sentence("hardware.card_gave_up", {"model": "audio-yamnet", "reason": REASON})
    fell_back = Sentence("hardware.speech_fell_back", {"model": "faster-whisper-small", "reason": REASON})
    card.show_work(replace(work, setbacks=(gave_up, fell_back)))
    assert card.setback.isVisible()
    first, second = card.setback.text().splitlines()
    assert "audio-yamnet" in first and REASON in first
    assert "faster-whisper-small" in second
    card.show_work(work)
    assert not card.setback.isVisible()
