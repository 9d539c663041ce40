"""The tags of one item: yours, the proposed ones, why each is there, and a field for your own."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QPushButton, QScrollArea, QWidget

from media_assistant.items.answers import Details
from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.items.span import TimeSpan
from media_assistant.items.tag import Tag, TagState
from media_assistant.ui import actions
from media_assistant.ui.desk import Desk
from media_assistant.ui.sureness import sureness
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.evidence_view import EvidenceView
from media_assistant.ui.widgets.fields import LineField
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.model_wish import ModelWish, lacks_model
from media_assistant.ui.widgets.plain import button, column, empty_layout, frame, label
from media_assistant.ui.widgets.tags.chip import TagChip
from media_assistant.workflows.tags.evidence import Evidence, evidence_of

MOST_SUGGESTED = 24


class TagsView(QScrollArea):
    """Signals: `moment_wanted(Moment)` when a piece of evidence is clicked."""

    moment_wanted = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._details: Details | None = None
        self._told: tuple[object, ...] = ()
        self._asked = ""
        self._focus_after = -1
        self._shows_refused = False
        self._order: dict[str, int] = {}
        """Where each tag stood so far: a decision does not move the others away from under the mouse."""
        self._widths: dict[str, int] = {}
        """How wide each was, in pixels: for the same reason."""
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        self.setWidget(page)
        down = column(page, margins=(0, 10, 6, 12), gap=10)
        self.field = LineField()
        desk.words.bind(self.field, QLineEdit.setPlaceholderText, "ui.tag.add_prompt")
        desk.words.bind(self.field, QLineEdit.setAccessibleName, "ui.tag.add_name")
        self.field.returnPressed.connect(self._add)
        self._chips_holder = QWidget()
        self._chips = FlowLayout(self._chips_holder)
        self.none = ModelWish(desk.words)
        self._refused_link = button(desk.words, "ui.tag.refused_none", self._toggle_refused, role="link")
        self._why = frame(card="note")
        inside = column(self._why, margins=(12, 9, 12, 9), gap=4)
        self._why_text, self._why_by = label(wraps=True), label("small", wraps=True)
        self.evidence = EvidenceView(desk)
        self.evidence.moment_wanted.connect(self.moment_wanted)
        for widget in (self._why_text, self.evidence, self._why_by):
            inside.addWidget(widget)
        down.addWidget(self._chips_holder)
        down.addWidget(self.none)
        down.addWidget(self._why)
        down.addWidget(self.field)
        down.addWidget(self._refused_link, 0, Qt.AlignmentFlag.AlignLeft)
        down.addStretch(1)
        self._why.hide()
        desk.words.changed.connect(self._show)

    @property
    def chips(self) -> list[TagChip]:
        """What is shown, in order."""
        return [chip for chip in self._chips_holder.findChildren(TagChip) if chip.isVisibleTo(self._chips_holder)]

    def show_details(self, details: Details | None) -> None:
        """Show an item's tags; keeps the keyboard where it was in the row."""
        is_other = details is None or self._details is None or details.item.id != self._details.item.id
        self._details = details
        if not is_other and not self._asked and self._told == self._to_tell():
            return  # Work goes on elsewhere in the item; the chips stay.
        if is_other:
            self._asked, self._focus_after, self._shows_refused = "", -1, False
            self._order.clear()
            self._widths.clear()
            self.field.clear()
        self._show()

    def _to_tell(self) -> tuple[object, ...]:
        """All that the chips depend on."""
        return self._details and self._details.tags, self._is_blind(), self._desk.words.language, self._desk.keys.kept()

    def _is_blind(self) -> bool:
        """Whether no model here could propose anything."""
        kinds, details = (Kind.VIDEO, Kind.PHOTO), self._details
        return details is not None and lacks_model(self._desk, details, kinds, "sights", "own_sights")

    def _show(self) -> None:
        self._told = self._to_tell()
        had_focus = next((at for at, chip in enumerate(self.chips) if chip.hasFocus()), self._focus_after)
        if any(chip.hasFocus() for chip in self.chips):
            # Else Qt hands the keys on to the next that takes them, and scrolls to it.
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        empty_layout(self._chips)
        self._why.hide()
        details = self._details
        if details is None:
            return
        words = self._desk.words
        accepted = [tag for tag in details.tags if tag.state is TagState.ACCEPTED]
        suggested = sorted(
            (tag for tag in details.tags if tag.state is TagState.SUGGESTED), key=lambda tag: -tag.score
        )[:MOST_SUGGESTED]
        refused = [tag for tag in details.tags if tag.state is TagState.REJECTED]
        made: list[TagChip] = []
        shown = [*accepted, *suggested, *(refused if self._shows_refused else ())]
        shown.sort(key=lambda tag: self._order.get(tag.concept.id, len(self._order)))
        for tag in shown:
            self._order.setdefault(tag.concept.id, len(self._order))
            chip = TagChip(tag, self._desk.look, words, self._desk.keys)
            chip.keep_width(self._widths.get(tag.concept.id, 0))
            self._widths[tag.concept.id] = chip.sizeHint().width()
            chip.decided.connect(lambda state, chip=chip: self._decide(chip, state))
            chip.asked_why.connect(lambda chip=chip: self._explain(chip))
            self._chips.addWidget(chip)
            made.append(chip)
            if tag.concept.id == self._asked:
                self._explain(chip)
        is_blind = self._is_blind()
        self.none.setVisible(not made)
        self.none.tell(words.say("ui.tag.no_model" if is_blind else "ui.tag.none"), needs_model=is_blind)
        self._refused_link.setVisible(bool(refused))
        QPushButton.setText(self._refused_link, words.say("ui.tag.refused_count", count=len(refused)))
        if had_focus >= 0 and made:
            focused = made[min(had_focus, len(made) - 1)]
            focused.show()  # now, not with the next layout: the library may speak again before that
            focused.setFocus()
        elif self.hasFocus():
            self.field.setFocus()
        self._focus_after = -1
        self._chips_holder.updateGeometry()

    def _toggle_refused(self) -> None:
        self._shows_refused = not self._shows_refused
        self._show()

    def _decide(self, chip: TagChip, state: TagState | None) -> None:
        if self._details is not None:
            self._focus_after = self.chips.index(chip) if chip.hasFocus() else -1
            actions.decide_tag(
                self._desk, item_ids=(self._details.item.id,), concept=chip.tag.concept, state=state, owner=self
            )

    def _add(self) -> None:
        if self._details is not None:
            actions.add_tag(self._desk, item_ids=(self._details.item.id,), name=self.field.text(), owner=self)
            self.field.clear()

    def _explain(self, chip: TagChip) -> None:
        """Why this tag: the times or the words it comes from, each a click away."""
        words, tag = self._desk.words, chip.tag
        self._asked = tag.concept.id
        for other in self.chips:
            other.mark(is_asked=other is chip)
        self._why_text.setText(self._reason(tag))
        by = words.say(sureness(tag.score)) if tag.state is TagState.SUGGESTED else ""
        self._why_by.setText(by)
        self._why_by.setVisible(bool(by))
        self._why_by.setToolTip(
            plain_tip(words.say("ui.tag.by_model", model=tag.source.model) if tag.source.model else "")
        )
        self.evidence.hide()
        self._why.show()
        if not tag.evidence or self._details is None:
            return
        # A long transcript holds the words of it: looked for on another thread.
        item, library = self._details.item, self._desk.assistant.library
        self._desk.bridge.read(
            lambda: evidence_of(library, item.id, tag.concept.id),
            lambda found: self._show_evidence(item, tag.concept.id, found),
            owner=self,
        )

    def _show_evidence(self, item: Item, concept_id: str, found: list[Evidence]) -> None:
        if self._details is not None and self._details.item.id == item.id and self._asked == concept_id:
            self.evidence.show_evidence(item, found)

    def _reason(self, tag: Tag) -> str:
        words, name = self._desk.words, self._desk.words.concept(tag.concept)
        if not tag.evidence:
            return words.say("ui.why.person" if tag.source.analyser in ("person", "") else "ui.why.whole", name=name)
        sense = tag.evidence[0].sense
        timed = [moment for moment in tag.evidence if isinstance(moment.span, TimeSpan)]
        if timed:
            return words.say(f"ui.why.{sense.value}", name=name, count=len(tag.evidence))
        said = next((moment.text for moment in tag.evidence if moment.text), "")
        if said:
            return words.say("ui.why.text", name=name, text=said[:160])
        return words.say(f"ui.why.all.{sense.value}", name=name)
