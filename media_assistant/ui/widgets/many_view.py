"""Several items at once: what they are together, and their tags, put on and taken off in one step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future

from PySide6.QtCore import QStringListModel, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCompleter, QFrame, QLineEdit, QScrollArea, QWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.clock import clock
from media_assistant.items.concept import Concept
from media_assistant.items.examples import Example
from media_assistant.items.sorting import sort_key
from media_assistant.items.summary import Summary
from media_assistant.items.tag import TagState
from media_assistant.ui import actions
from media_assistant.ui.desk import Desk
from media_assistant.ui.rereading import Rereading
from media_assistant.ui.widgets.fields import LineField
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.missing_box import MissingBox
from media_assistant.ui.widgets.plain import button, column, empty_layout, label, row, said
from media_assistant.ui.widgets.star_row import StarRow
from media_assistant.ui.widgets.tags.shared_chip import SharedTagChip

REST_MS = 120
"""How long the choice stands still before the library is asked: a rubber band changes it all the time."""
MOST_CHIPS = 40

Found = tuple[Summary, list[tuple[Concept, int, int]]]


class ManyView(QScrollArea):
    """Shows `item_ids`; every verb is one step of undo, whatever their number."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._item_ids: tuple[int, ...] = ()
        self._asked: frozenset[int] = frozenset()
        self._found: Found | None = None
        self._focus_after = ""
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        self.setWidget(page)
        down = column(page, margins=(16, 16, 16, 16), gap=8)
        self.title = label("title", wraps=True)
        self.kinds = label(wraps=True)
        self.totals = label("soft", wraps=True)
        self.stars = StarRow(desk)
        self.missing = MissingBox(desk)
        for widget in (self.title, self.kinds, self.totals, self.stars, self.missing):
            down.addWidget(widget)
        self.likes = button(desk.words, "ui.similar.more_of_these", self._find_alike)
        likes = row()
        likes.addWidget(self.likes)
        likes.addStretch(1)
        down.addLayout(likes)
        down.addSpacing(6)
        down.addWidget(said(desk.words, "ui.many.tags", "section"))
        self._chips_holder = QWidget()
        self._chips = FlowLayout(self._chips_holder)
        self.none = label("faint", wraps=True)
        self.more = label("faint", wraps=True)
        self.field = LineField()
        desk.words.bind(self.field, QLineEdit.setPlaceholderText, "ui.many.prompt")
        desk.words.bind(self.field, QLineEdit.setAccessibleName, "ui.many.field")
        self._names = QStringListModel(self)
        completer = QCompleter(self._names, self.field)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.field.setCompleter(completer)
        self.field.returnPressed.connect(self._add)
        buttons = row(gap=6)
        self.add_button = button(desk.words, "ui.many.add", self._add)
        self.remove_button = button(desk.words, "ui.many.remove", self._remove)
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.remove_button)
        buttons.addStretch(1)
        for each in (self._chips_holder, self.none, self.more, self.field):
            down.addWidget(each)
        down.addLayout(buttons)
        down.addSpacing(6)
        down.addWidget(said(desk.words, "ui.inspector.many_hint", "faint", wraps=True))
        down.addStretch(1)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._ask)
        self._summing = Rereading(desk, self, self._question, lambda found: self._take(*found), gathers_ms=REST_MS)
        self._naming = Rereading(desk, self, lambda: self._all_names, self._names.setStringList)
        desk.events.changed.connect(self._library_changed)
        desk.words.changed.connect(self._show)

    @property
    def chips(self) -> list[SharedTagChip]:
        """What is shown, in order."""
        return [chip for chip in self._chips_holder.findChildren(SharedTagChip) if chip.isVisibleTo(self._chips_holder)]

    def _find_alike(self) -> None:
        self._desk.examples.want([Example(item_id) for item_id in self._item_ids])

    def show_items(self, item_ids: Sequence[int]) -> None:
        """These, as soon as the choice stands still."""
        self._item_ids = tuple(item_ids)
        self.title.setText(self._desk.words.say("ui.inspector.many", count=len(self._item_ids)))
        self._rest.start()

    def _ask(self) -> None:
        """Others are chosen."""
        self._asked = frozenset(self._item_ids)
        self.stars.show_items(self._item_ids)
        self._summing.drop()
        self._summing.now()
        self._naming.want()

    def showEvent(self, event: QShowEvent) -> None:
        """What was chosen or done meanwhile is there."""
        super().showEvent(event)
        self._rest.start()

    def _question(self) -> Callable[[], Found] | None:
        if not self.isVisible():
            return None
        item_ids, library = self._item_ids, self._desk.assistant.library
        language = self._desk.words.language
        return lambda: (library.sum_up(item_ids), _in_order(library.tag_states(item_ids), language))

    def _all_names(self) -> list[str]:
        """Of every tag that the library or the program knows; on a reader's thread."""
        from media_assistant.workflows.tags.tagging import vocabulary

        concepts = {concept.id: concept for concept in (*vocabulary(), *self._desk.assistant.library.concepts())}
        return sorted({self._desk.words.concept(concept) for concept in concepts.values()} - {""}, key=sort_key)

    def _take(self, summary: Summary, states: list[tuple[Concept, int, int]]) -> None:
        self._found = summary, states
        self._show()

    def _show(self) -> None:
        if self._found is None:
            return
        words, (summary, states) = self._desk.words, self._found
        count = len(self._item_ids)
        self.title.setText(words.say("ui.inspector.many", count=count))
        self.kinds.setText(
            words.say("ui.list_separator").join(
                words.say(f"ui.many.kind.{kind.value}", count=number) for kind, number in summary.kinds.items()
            )
        )
        size = words.size(summary.size_bytes)
        if summary.duration_ms:
            self.totals.setText(words.say("ui.many.length_and_size", length=clock(summary.duration_ms), size=size))
        else:
            self.totals.setText(size)
        self.missing.show_several(self._item_ids, summary.missing, summary.offline)
        focused = next((chip.tag.concept.id for chip in self.chips if chip.hasFocus()), self._focus_after)
        if any(chip.hasFocus() for chip in self.chips):
            # Else Qt hands the keys on to the next that takes them, and scrolls to it.
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        empty_layout(self._chips)
        made: list[SharedTagChip] = []
        for state in (TagState.ACCEPTED, TagState.SUGGESTED):
            for concept, accepted, proposed in states:
                number = accepted if state is TagState.ACCEPTED else proposed
                if number and len(made) < MOST_CHIPS:
                    made.append(self._make_chip(concept, state, number, count))
        self.none.setVisible(not made)
        self.none.setText(words.say("ui.many.none"))
        left = sum(bool(accepted) + bool(proposed) for _, accepted, proposed in states) - len(made)
        self.more.setVisible(left > 0)
        self.more.setText(words.say("ui.many.more", count=left))
        for chip in made:
            if focused and chip.tag.concept.id == focused:
                chip.show()  # now, not with the next layout, or it cannot take the keys
                chip.setFocus()
                break
        if self.hasFocus():
            self.field.setFocus()
        self._focus_after = ""
        self._chips_holder.updateGeometry()

    def _make_chip(self, concept: Concept, state: TagState, count: int, total: int) -> SharedTagChip:
        chip = SharedTagChip(self._desk, concept, state, count, total)
        chip.decided.connect(lambda decision, chip=chip: self._decide(chip, decision))
        self._chips.addWidget(chip)
        return chip

    # ── the person's hand ─────────────────────────────────────────────────────────────────────────────────────────

    def _decide(self, chip: SharedTagChip, decision: TagState | None) -> None:
        assistant, concept, ids = self._desk.assistant, chip.tag.concept, self._item_ids
        name, is_yes = self._desk.words.concept(concept), decision is TagState.ACCEPTED
        self._focus_after = concept.id if chip.hasFocus() else ""
        if chip.tag.state is TagState.SUGGESTED:
            state = TagState.ACCEPTED if is_yes else TagState.REJECTED
            code = "ui.many.accepted" if is_yes else "ui.many.refused"
            self._start(assistant.decide_proposed(ids, concept, state), code, name)
        elif is_yes:
            self._start(assistant.decide_tag(ids, concept, TagState.ACCEPTED), "ui.many.added", name)
        else:
            self._start(assistant.take_off_tag(ids, concept), "ui.many.removed", name)

    def _add(self) -> None:
        if name := " ".join(self.field.text().split()):
            self._start(self._desk.assistant.add_tag(self._item_ids, name), "ui.many.added", name)
            self.field.clear()

    def _remove(self) -> None:
        if name := " ".join(self.field.text().split()):
            self._start(self._desk.assistant.remove_tag(self._item_ids, name), "ui.many.removed", name)
            self.field.clear()

    def _start(self, future: Future[LibraryChanges], code: str, name: str) -> None:
        desk = self._desk

        def done(changes: LibraryChanges) -> None:
            count = len(changes.moments)
            if count:
                desk.tell(code, name=name, count=count, undo=actions.undoing(desk, owner=self, step=changes.step))
            else:
                desk.tell("ui.many.nothing", name=name)

        desk.bridge.when_done(future, done, owner=self)

    def _library_changed(self, changes: LibraryChanges) -> None:
        if not self.isVisible():
            return
        touched = (*changes.changed, *changes.moments, *changes.removed)
        if not changes.tags and self._asked.isdisjoint(touched):
            return
        if changes.tags or changes.journal:
            self._summing.now()
            self._naming.want()
        else:
            self._summing.want()


def _in_order(states: list[tuple[Concept, int, int]], language: str) -> list[tuple[Concept, int, int]]:
    """The most frequent first, as many of one count by their names in this language."""
    return sorted(states, key=lambda state: (-state[1], -state[2], sort_key(state[0].name(language))))
