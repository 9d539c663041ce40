"""Train a network on tags of one's own: what there is to learn from, how far it is, and honestly what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QListWidget, QListWidgetItem, QProgressBar, QScrollArea, QWidget

from media_assistant.items.concept import Concept
from media_assistant.items.training import BYTES, Matter, Phase
from media_assistant.ui.awaited import Awaited
from media_assistant.ui.desk import Desk
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.training_words import default_name, label_name, report_lines
from media_assistant.ui.widgets.fields import LineField
from media_assistant.ui.widgets.plain import button, fill_page, label, page_title, row, said, unwheeled
from media_assistant.ui.widgets.training.begun_list import BegunList
from media_assistant.ui.widgets.training.confusion_view import ConfusionView
from media_assistant.ui.widgets.training.pack_box import PackBox
from media_assistant.ui.widgets.training.ways_view import WaysView
from media_assistant.ui.widgets.which_way_view import WhichWayView

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from media_assistant.workflows.training.begun import Begun
    from media_assistant.workflows.training.training import Ability, Outcome

    _Found = tuple[Ability, tuple[Matter, ...], Matter, list[tuple[Concept, int]], list[Begun], Outcome | None]

WIDTH = 760
LEAST_ITEMS = 5
LIST_HEIGHT = 190
_ROUNDS = {"network", "linear", "gru", "transformer"}
_CONCEPT = Qt.ItemDataRole.UserRole


class TrainingPanel(QScrollArea):
    """Tags to learn, a network to begin with, and the training itself, which goes on while the page is left. Signals:
    `models_changed()` after a network was made.
    """

    models_changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._ability: Ability | None = None
        self._made: Outcome | None = None
        self._runs = ""
        self._awaited = Awaited()
        self._has_enough = False
        """Whether some tag is on enough to be learnt."""
        words = desk.words
        down = fill_page(self, WIDTH)
        down.addWidget(page_title(words, "ui.panel.training"))
        down.addWidget(said(words, "ui.training.about", "soft", wraps=True))
        self.lacks = label("bad", wraps=True, selectable=True)
        down.addWidget(self.lacks)
        self.pack = PackBox(words)
        self.pack.wanted.connect(self._install)
        self.pack.removal_wanted.connect(self._uninstall)
        down.addWidget(self.pack)
        self.matter = unwheeled(QComboBox())
        self.matter.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        words.bind(self.matter, QComboBox.setAccessibleName, "ui.training.matter_of")
        self.matter.addItem(words.say("ui.training.matter.pictures"), Matter.PICTURES)
        self.matter.currentIndexChanged.connect(lambda _: self._change_matter())
        self._matter_of = said(words, "ui.training.matter_of", "section")
        self._course_about = said(words, "ui.training.course_about", "soft", wraps=True)
        line = row(gap=8)
        line.addWidget(self.matter)
        line.addStretch(1)
        down.addWidget(self._matter_of)
        down.addLayout(line)
        down.addWidget(self._course_about)
        down.addWidget(said(words, "ui.training.tags", "section"))
        self.tags = QListWidget()
        self.tags.setProperty("role", "lines")
        words.bind(self.tags, QListWidget.setAccessibleName, "ui.training.tags")
        self.tags.itemChanged.connect(lambda _: self._choose())
        self.no_tags = label("faint", wraps=True)
        down.addWidget(self.no_tags)
        down.addWidget(self.tags)
        self.which_way = WhichWayView(desk)
        down.addWidget(self.which_way)
        self.name = LineField()
        self.name.setMaxLength(80)
        words.bind(self.name, QLineEdit.setPlaceholderText, "ui.training.name")
        words.bind(self.name, QLineEdit.setAccessibleName, "ui.training.name")
        self.backbone = unwheeled(QComboBox())
        self.backbone.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        words.bind(self.backbone, QComboBox.setAccessibleName, "ui.training.backbone")
        self.backbone.currentIndexChanged.connect(lambda _: self._choose())
        self._wanted = ""
        self.backbone.activated.connect(self._want)
        line = row(gap=8)
        line.addWidget(self.name, 1)
        line.addWidget(self.backbone)
        down.addLayout(line)
        verbs = row(gap=8)
        self.fetch = button(words, "ui.training.fetch", self._fetch)
        self.train = button(words, "ui.training.train", self._train, role="primary")
        self.stop = button(words, "ui.training.stop", self._stop)
        for verb in (self.train, self.fetch, self.stop):
            verbs.addWidget(verb)
        verbs.addStretch(1)
        down.addLayout(verbs)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.said = label("soft", wraps=True, selectable=True)
        down.addWidget(self.bar)
        down.addWidget(self.said)
        self.begun = BegunList(words)
        self.begun.go_on_wanted.connect(lambda one: self.start(one.name, one.concepts, one.backbone, one.matter))
        self.begun.removal_wanted.connect(self._throw_away)
        down.addWidget(self.begun)
        self.confusion = ConfusionView(desk.look)
        words.bind(self.confusion, ConfusionView.setAccessibleName, "ui.training.confusion")
        self.report = label(wraps=True, selectable=True)
        self.ways = WaysView(words)
        self._report_of = said(words, "ui.training.report", "section")
        down.addWidget(self._report_of)
        down.addWidget(self.report)
        down.addWidget(self.ways)
        down.addWidget(self.confusion)
        down.addStretch(1)
        words.changed.connect(self._show_in_words)
        self._show_in_words()
        self._choose()

    def showEvent(self, event: QShowEvent) -> None:
        """Tags were put on and packages installed while the page was out of sight."""
        super().showEvent(event)
        if not event.spontaneous():
            self.refresh()

    def refresh(self) -> None:
        """Ask what can be trained here, and on what."""
        training, wanted = self._desk.assistant.training, self._matter()
        self._awaited.drop()

        def ask() -> _Found:
            matters = training.matters()
            matter = wanted if wanted in matters else Matter.PICTURES
            return (
                training.ability(),
                matters,
                matter,
                training.candidates(matter),
                training.unfinished(),
                training.last(),
            )

        self._desk.bridge.read(ask, self._awaited.only(self._take), owner=self)

    def _take(self, found: _Found) -> None:
        self._ability, matters, matter, candidates, begun, last = found
        self._show_matters(matters, matter)
        if self._made is None and last is not None:
            self._made = last
            self._show_report()
        words = self._desk.words
        lack = self._ability.lack
        # What can be had with a click is offered below, and is no fault.
        is_fault = lack is not None and self._ability.pack.offer is None
        self.lacks.setText(words.fault(lack) if lack is not None and is_fault else "")
        self.lacks.setVisible(is_fault)
        self._has_enough = any(count >= LEAST_ITEMS for _, count in candidates)
        chosen = {concept.id for concept in self._chosen()}
        blocked = QSignalBlocker(self.tags)
        self.tags.clear()
        for concept, count in candidates:
            entry = QListWidgetItem(words.say("ui.training.tag", name=words.concept(concept), count=count))
            entry.setData(_CONCEPT, concept)
            is_enough = count >= LEAST_ITEMS
            entry.setFlags(Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            if not is_enough:
                entry.setFlags(Qt.ItemFlag.NoItemFlags)
                entry.setToolTip(plain_tip(words.say("ui.training.too_few", count=LEAST_ITEMS)))
            entry.setCheckState(
                Qt.CheckState.Checked if concept.id in chosen and is_enough else Qt.CheckState.Unchecked
            )
            self.tags.addItem(entry)
        blocked.unblock()
        rows = sum(self.tags.sizeHintForRow(place) for place in range(min(len(candidates), 50)))
        self.tags.setFixedHeight(min(LIST_HEIGHT, rows + 2 * self.tags.frameWidth() + 8))
        self.no_tags.setVisible(not candidates)
        self._show_backbones()
        self.begun.show_begun(begun)
        self._choose()
        if self.tags.hasFocus() and not candidates:
            self.pack.download.setFocus()  # hiding the list would take the keyboard out of the page
        self.tags.setVisible(bool(candidates))

    def _show_matters(self, matters: tuple[Matter, ...], chosen: Matter) -> None:
        """Courses are offered where there is enough of them to learn a tag; with pictures alone there is no choice."""
        blocked = QSignalBlocker(self.matter)
        self.matter.clear()
        for one in matters:
            self.matter.addItem(self._desk.words.say(f"ui.training.matter.{one.value}"), one)
        self.matter.setCurrentIndex(matters.index(chosen))
        blocked.unblock()
        for widget in (self.matter, self._matter_of):
            widget.setVisible(len(matters) > 1)

    def _change_matter(self) -> None:
        """Other tags, for they are on other things."""
        self.tags.clear()
        self.refresh()

    def _matter(self) -> Matter:
        return Matter(self.matter.currentData() or Matter.PICTURES)

    def _want(self, at: int) -> None:
        self._wanted = self.backbone.itemData(at)

    def _show_backbones(self) -> None:
        words = self._desk.words
        blocked = QSignalBlocker(self.backbone)
        self.backbone.clear()
        best = -1
        for place, (one, weights) in enumerate(self._ability.backbones if self._ability else ()):
            code = "ui.training.backbone_here" if weights else "ui.training.backbone_away"
            level = words.say(f"ui.training.level.{one.name}")
            self.backbone.addItem(words.say(code, level=level, size=words.size(one.size_bytes)), one.name)
            best = place if best < 0 and weights else best
        at = self.backbone.findData(self._wanted)
        self.backbone.setCurrentIndex(at if at >= 0 else max(best, 0))
        blocked.unblock()

    def _chosen(self) -> list[Concept]:
        entries = [self.tags.item(place) for place in range(self.tags.count())]
        return [entry.data(_CONCEPT) for entry in entries if entry.checkState() is Qt.CheckState.Checked]

    def _has_weights(self) -> bool:
        found = {one.name: weights for one, weights in self._ability.backbones} if self._ability else {}
        return found.get(self.backbone.currentData()) is not None

    def _choose(self) -> None:
        """What can be clicked follows from what is chosen."""
        can = self._ability is not None and not self._ability.missing
        is_free = not self._runs
        is_course = self._matter() is not Matter.PICTURES
        has_start = is_course or self._has_weights()
        if self._ability is not None:
            self.pack.show_pack(self._ability, is_free=is_free)
        is_ready = can and self._has_enough
        self.name.setVisible(is_ready)
        self.backbone.setVisible(is_ready and not is_course)
        self._course_about.setVisible(is_course)
        self.fetch.setVisible(is_free and is_ready and not has_start)
        self.train.setEnabled(can and is_free and has_start and bool(self._chosen()))
        self.train.setVisible(is_free and is_ready)
        for shown in (self.stop, self.bar):
            shown.setVisible(not is_free)
        self.begun.setVisible(is_free)
        for widget in (self.tags, self.name, self.backbone, self.matter):
            widget.setEnabled(is_free)
        if is_free:
            # Of several the one that was put on most: the list begins with it.
            self.which_way.show_tag(next(iter(self._chosen()), None) if not is_course else None)

    # ── what takes long ───────────────────────────────────────────────────────────────────────────────────────────

    def _train(self) -> None:
        concepts, matter = self._chosen(), self._matter()
        name = self.name.text().strip() or default_name(self._desk.words, concepts, matter)
        self.start(name, concepts, str(self.backbone.currentData()), matter)

    def start(self, name: str, concepts: Sequence[Concept], backbone: str, matter: Matter = Matter.PICTURES) -> None:
        """Train, or go on with what was begun under this name."""
        self._begin("train")
        bridge = self._desk.bridge
        future = self._desk.assistant.training.train(name, concepts, backbone, bridge.on_main(self._tell), matter)
        bridge.when_done(future, self._trained, owner=self, failed=self._failed, cancelled=self._stopped)

    def _fetch(self) -> None:
        self._begin("fetch")
        bridge = self._desk.bridge
        future = self._desk.assistant.training.fetch(str(self.backbone.currentData()), bridge.on_main(self._tell_bytes))
        bridge.when_done(future, lambda _: self._end(""), owner=self, failed=self._failed, cancelled=self._stopped)

    def _install(self, source: Path | None) -> None:
        """What training needs: downloaded, or from where it was carried to."""
        self._begin("install")
        assistant, bridge = self._desk.assistant, self._desk.bridge
        told = bridge.on_main(self._tell)
        future = assistant.training.install(source, assistant.settings.training_mirror, told)

        def done(ability: Ability) -> None:
            self._end(self._desk.words.say("ui.training.pack_installed") if ability.pack.site is not None else "")

        def stopped() -> None:
            self._end(self._desk.words.say("ui.training.pack_stopped"))

        bridge.when_done(future, done, owner=self, failed=self._failed, cancelled=stopped)

    def _uninstall(self) -> None:
        future = self._desk.assistant.training.uninstall()
        removed = self._desk.words.say("ui.training.pack_removed")
        self._desk.bridge.when_done(future, lambda _: self._end(removed), owner=self, failed=self._failed)

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self.said.setText(self._desk.words.say("ui.training.stopping"))
        self._desk.assistant.training.cancel()

    def _throw_away(self, name: str) -> None:
        future = self._desk.assistant.training.throw_away(name)
        self._desk.bridge.when_done(future, lambda _none: self.refresh(), owner=self)

    def _begin(self, what: str) -> None:
        self._runs = what
        self.stop.setEnabled(True)
        self._show_share(0, 1)
        self._say("")
        self.said.setProperty("role", "soft")
        self._choose()

    def _tell(self, phase: Phase) -> None:
        if not self._runs:
            return
        words = self._desk.words
        text = words.say(f"training.phase.{phase.name}")
        self._show_share(phase.step, phase.steps)
        if phase.name in BYTES:
            sizes = {"done": words.size(phase.step), "total": words.size(phase.steps)}
            text = words.say("ui.training.bytes", doing=text, **sizes)
        if phase.name in _ROUNDS:
            text = words.say("ui.training.round", doing=text, round=phase.step + 1, rounds=phase.steps)
        if phase.left_s is not None:
            text = words.say("ui.training.left", doing=text, left=words.left(phase.left_s))
        self._say(text)

    def _tell_bytes(self, done: int, total: int) -> None:
        if self._runs and total:
            words = self._desk.words
            self._show_share(done, total)
            self._say(words.say("ui.models.progress", done=words.size(done), total=words.size(total)))

    def _say(self, text: str) -> None:
        self.said.setText(text)
        self._desk.events.occupied.emit(text or self._desk.words.say("ui.panel.training") if self._runs else "")

    def _show_share(self, done: int, total: int) -> None:
        """Bytes may be more than a bar can count."""
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * done / max(1, total)))

    def _end(self, text: str) -> None:
        self._runs = ""
        self._say(text)
        self._choose()
        self.refresh()

    def _failed(self, fault: BaseException) -> None:
        self._end(self._desk.words.fault(fault))

    def _stopped(self) -> None:
        self._end(self._desk.words.say("ui.training.stopped"))

    def _trained(self, made: Outcome) -> None:
        self._made = made
        words = self._desk.words
        self._end(words.say("ui.sentence_separator").join(words.sentence(note) for note in made.notes))
        self._show_report()
        self.models_changed.emit()

    # ── what came of it ───────────────────────────────────────────────────────────────────────────────────────────

    def _show_in_words(self) -> None:
        self.no_tags.setText(self._desk.words.say("ui.training.no_tags", count=LEAST_ITEMS))
        self._show_report()
        if self._ability is not None:
            self.refresh()

    def _show_report(self) -> None:
        for each in (self.confusion, self.report, self._report_of):
            each.setVisible(self._made is not None)
        self.ways.show_report(self._made.report if self._made is not None else None)
        if self._made is not None:
            report, words, library = self._made.report, self._desk.words, self._desk.assistant.library
            self.report.setText(text := "\n".join(report_lines(words, library, self._made.model_id, report)))
            names = tuple(label_name(words, library, one) for one in report.labels)
            self.confusion.show_counts(names, report.confusion, text)


def build(desk: Desk) -> QWidget:
    """For the registry."""
    return TrainingPanel(desk)
