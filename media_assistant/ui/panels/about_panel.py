"""What this program is, whose work is in it, and a report for somebody who helps."""

from __future__ import annotations

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QListView, QPlainTextEdit, QScrollArea, QVBoxLayout

from media_assistant.ui import actions
from media_assistant.ui.desk import Desk
from media_assistant.ui.outside import open_outside
from media_assistant.ui.widgets.plain import button, column, fill_page, frame, label, page_title, row, said
from media_assistant.workflows.notices import Notice, list_notices
from media_assistant.workflows.reporting import make_report, version

WIDTH = 860


class AboutPanel(QScrollArea):
    """Reads notices and logs when it is shown, on a reader thread."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._notices: list[Notice] = []
        words = desk.words
        down = fill_page(self, WIDTH)
        down.addWidget(page_title(words, "ui.app"))
        self.version = label("soft", selectable=True)
        words.bind(self.version, lambda shown, text: shown.setText(text), "ui.about.version", version=version())
        down.addWidget(self.version)
        down.addWidget(said(words, "ui.about.what", wraps=True))
        self._build_report(down)
        self._build_notices(down)
        down.addStretch(1)

    def _build_report(self, down: QVBoxLayout) -> None:
        words = self._desk.words
        title = said(words, "ui.about.report", "section")
        title.setContentsMargins(0, 12, 0, 0)
        down.addWidget(title)
        card = frame(card="plain")
        inside = column(card, margins=(16, 12, 16, 12), gap=8)
        inside.addWidget(said(words, "ui.about.report_tip", "soft", wraps=True))
        self.report = _reader()
        words.bind(self.report, QPlainTextEdit.setAccessibleName, "ui.about.report")
        self.report.setFixedHeight(150)
        inside.addWidget(self.report)
        self.with_names = QCheckBox()
        words.bind(self.with_names, QCheckBox.setText, "ui.about.with_names")
        self.with_names.toggled.connect(lambda _on: self._ask_report())
        inside.addWidget(self.with_names)
        verbs = row(gap=8)
        self.copy = button(words, "ui.about.copy", self._copy, role="primary")
        verbs.addWidget(self.copy)
        verbs.addWidget(button(words, "ui.about.logs", self._show_logs))
        verbs.addStretch(1)
        inside.addLayout(verbs)
        down.addWidget(card)

    def _build_notices(self, down: QVBoxLayout) -> None:
        words = self._desk.words
        title = said(words, "ui.about.notices", "section")
        title.setContentsMargins(0, 12, 0, 0)
        down.addWidget(title)
        card = frame(card="plain")
        inside = column(card, margins=(16, 12, 16, 12), gap=8)
        inside.addWidget(said(words, "ui.about.notices_tip", "soft", wraps=True))
        self.list = QListView()
        self.list.setProperty("role", "names")
        self.list.setUniformItemSizes(True)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setFixedHeight(220)
        words.bind(self.list, QListView.setAccessibleName, "ui.about.notices")
        self._names = QStringListModel(self)
        self.list.setModel(self._names)
        self.list.selectionModel().currentChanged.connect(lambda now, _before: self._show_text(now.row()))
        inside.addWidget(self.list)
        self.text = _reader()
        words.bind(self.text, QPlainTextEdit.setAccessibleName, "ui.about.licence_text")
        self.text.setFixedHeight(220)
        inside.addWidget(self.text)
        down.addWidget(card)

    def showEvent(self, event: QShowEvent) -> None:
        """The logs go on; what is in the program does not change."""
        super().showEvent(event)
        self._ask_report()
        if not self._notices:
            self._desk.bridge.read(list_notices, self._show_notices, owner=self)

    def _ask_report(self) -> None:
        paths, with_names = self._desk.assistant.paths, self.with_names.isChecked()
        self._desk.bridge.read(lambda: make_report(paths, with_names=with_names), self.report.setPlainText, owner=self)

    def _show_notices(self, notices: list[Notice]) -> None:
        self._notices = notices
        unknown = self._desk.words.say("ui.about.no_licence")
        self._names.setStringList(
            [
                " · ".join(part for part in (f"{each.name} {each.version}".strip(), each.licence or unknown))
                for each in notices
            ]
        )
        self.list.setCurrentIndex(self._names.index(0))

    def _show_text(self, at: int) -> None:
        if 0 <= at < len(self._notices):
            self.text.setPlainText(self._notices[at].text or self._desk.words.say("ui.about.no_text"))

    def _copy(self) -> None:
        actions.copy_text(self._desk, text=self.report.toPlainText())

    def _show_logs(self) -> None:
        logs = self._desk.assistant.paths.logs
        logs.mkdir(parents=True, exist_ok=True)
        open_outside(logs)


def _reader() -> QPlainTextEdit:
    """For reading and copying; Tab goes on to the next thing."""
    made = QPlainTextEdit()
    made.setReadOnly(True)
    made.setTabChangesFocus(True)
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return made


def build(desk: Desk) -> AboutPanel:
    """For the registry."""
    return AboutPanel(desk)
