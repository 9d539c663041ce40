"""One model of a task: what it is called here, what it costs, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton

from media_assistant.items.advice import Forecast, Machine
from media_assistant.ui import model_words
from media_assistant.ui.downloads import Downloads
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.models.download_corner import DownloadCorner, DownloadFault
from media_assistant.ui.widgets.plain import button, column, label, row
from media_assistant.ui.words import Words

if TYPE_CHECKING:
    from media_assistant.inference.store import ModelState

CORNER_WIDTH = 236


class ModelRow(QFrame):
    """Signals: `use_wanted()`, `removal_wanted()`."""

    use_wanted = Signal()
    removal_wanted = Signal()

    def __init__(
        self,
        state: ModelState,
        name: str,
        forecast: Forecast | None,
        machine: Machine,
        words: Words,
        downloads: Downloads,
        *,
        is_recommended: bool,
        has_details: bool,
    ) -> None:
        super().__init__()
        self.state = state
        self.corner: DownloadCorner | None = None
        self.remover: QPushButton | None = None
        self.user: QPushButton | None = None
        self.setProperty("card", "row")
        told = model_words.details(words, state, forecast, machine)
        self.setToolTip(plain_tip(told))
        across = row(self, margins=(0, 8, 0, 8), gap=12)
        texts = column(gap=2)
        top = row(gap=8)
        title = label("strong", selectable=True)
        title.setText(name)
        top.addWidget(title)
        for code, role in _badges(state, is_recommended=is_recommended):
            badge = label(role)
            badge.setText(words.say(code))
            top.addWidget(badge)
        top.addStretch(1)
        texts.addLayout(top)
        about = state.entry.about.get("zh" if words.language.startswith("zh") else "en", "") if state.entry else ""
        facts = [model_words.facts(words, state), model_words.takes(words, forecast)]
        for text in (about, " · ".join(part for part in facts if part)):
            if text:
                line = label("small", wraps=True, selectable=True)
                line.setText(text)
                texts.addWidget(line)
        if state.state == "broken":
            texts.addWidget(_said("bad", model_words.what_is_wrong(words, state)))
        texts.addWidget(DownloadFault(downloads, words, (state.id,)))
        if has_details:
            texts.addWidget(_said("small", told))
        across.addLayout(texts, 1)
        # Before anything was measured the one blue button of the page is the one that measures.
        self._add_verbs(words, downloads, name, is_best=is_recommended and machine.is_measured)

    def _add_verbs(self, words: Words, downloads: Downloads, name: str, *, is_best: bool) -> None:
        state, across = self.state, self.layout()
        assert across is not None
        can_repair = state.state == "broken" and state.entry is not None
        if state.state == "available" or can_repair:
            tip = words.say("ui.models.download_tip", name=state.id, licence=state.licence)
            if state.why:
                tip = f"{tip}\n{words.sentence(state.why)}"
            role = "primary" if is_best or can_repair else ""
            size = 0 if can_repair else state.size_bytes
            verb = "ui.models.repair" if can_repair else "ui.models.download"
            self.corner = DownloadCorner(downloads, words, (state.id,), size, tip=tip, role=role, verb=verb)
            self.corner.setFixedWidth(CORNER_WIDTH)
            self.corner.start.setAccessibleName(
                words.say("ui.models.verb_of", verb=self.corner.start.text(), name=name)
            )
            self.corner.start.setObjectName(f"start:{state.id}")
            across.addWidget(self.corner)
            across.setAlignment(self.corner, Qt.AlignmentFlag.AlignVCenter)
        if state.state == "ready" and not state.is_in_use:
            self.user = button(words, "ui.models.use", self.use_wanted.emit, role="primary" if is_best else "")
            self._add(self.user, words, name, "use")
        if state.is_removable:
            self.remover = button(words, "ui.models.remove", self.removal_wanted.emit, role="link")
            self._add(self.remover, words, name, "remove")

    def _add(self, verb: QPushButton, words: Words, name: str, what: str) -> None:
        across = self.layout()
        assert across is not None
        verb.setObjectName(f"{what}:{self.state.id}")
        verb.setAccessibleName(words.say("ui.models.verb_of", verb=verb.text(), name=name))
        across.addWidget(verb)
        across.setAlignment(verb, Qt.AlignmentFlag.AlignVCenter)


def _badges(state: ModelState, *, is_recommended: bool) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if state.state == "broken":
        found.append(("ui.models.broken", "badge-bad"))
    elif state.state == "ready":
        found.append(("ui.models.in_use" if state.is_in_use else "ui.models.ready", "badge"))
    if is_recommended:
        found.append(("ui.models.recommended", "badge-good"))
    return found


def _said(role: str, text: str) -> QLabel:
    made = label(role, wraps=True, selectable=True)
    # A path without a space must not make the page wider; the tool tip has it whole.
    made.setMinimumWidth(1)
    made.setText(text)
    return made
