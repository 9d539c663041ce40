"""Duplicates: the groups on the left, two of a group side by side, and a person's word on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage, QShowEvent
from PySide6.QtWidgets import QFrame, QProgressBar, QPushButton, QStackedWidget, QWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.duplicates import Group, Member
from media_assistant.items.kind import Kind
from media_assistant.ui import actions
from media_assistant.ui.desk import Desk
from media_assistant.ui.focus_order import watch_keyboard
from media_assistant.ui.places import Place
from media_assistant.ui.playing import load_still
from media_assistant.ui.rereading import Rereading
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.compared_item import ComparedItem, load_compared
from media_assistant.ui.widgets.duplicate_list import DuplicateList, GroupRows
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.plain import PAGE_MARGINS, button, column, label, middle_page, page_title, row, said

RENEWS_MS = 250
"""So long news is gathered."""
NARROWEST, SIDE = 200, 300


class _Read(NamedTuple):
    """Groups, and which of them is where."""

    groups: tuple[Group, ...]
    places: dict[tuple[int, ...], int]


class DuplicatesPanel(QFrame):
    """Signals: `opened(int)` an item is to be shown large."""

    opened = Signal(int)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._at = 1
        self._may_give_keyboard: Callable[[], bool] = lambda: False
        """Whether the groups, which may come late, are what the keyboard is meant for."""
        self.setProperty("ground", "ground")
        self.rows = GroupRows(desk.words)
        self.list = DuplicateList(desk, self.rows)
        self.left, self.right = ComparedItem(desk), ComparedItem(desk)
        self._build()
        self._reading = Rereading(
            desk, self, self._question, self._show_groups, gathers_ms=RENEWS_MS, failed=self._failed
        )
        self.list.picked.connect(lambda: self._compare(1))
        self.list.wanted.connect(self._do)
        desk.words.changed.connect(self._speak)
        desk.keys.changed.connect(self._speak)
        desk.events.changed.connect(self._library_changed)
        self._speak()

    # ── building ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _build(self) -> None:
        words = self._desk.words
        down = column(self, margins=PAGE_MARGINS, gap=8)
        head = row(gap=10)
        head.addWidget(page_title(words, "ui.panel.duplicates"))
        self.count = label("soft")
        head.addWidget(self.count)
        head.addStretch(1)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(160)
        self.progress.hide()
        words.bind(self.progress, QProgressBar.setAccessibleName, "ui.duplicates.finding")
        self.finding = said(words, "ui.duplicates.finding", "soft")
        self.finding.hide()
        head.addWidget(self.finding)
        head.addWidget(self.progress)
        down.addLayout(head)
        down.addWidget(said(words, "ui.duplicates.about", "soft", wraps=True))
        self._pages = QStackedWidget()
        self._pages.addWidget(self._build_groups())
        self._pages.addWidget(self._build_nothing())
        self._pages.addWidget(QWidget())
        # Until the library has answered nothing is said: neither that there is nothing, nor an empty list to act on.
        self._pages.setCurrentIndex(2)
        down.addWidget(self._pages, 1)

    def _build_groups(self) -> QWidget:
        page = QWidget()
        across = row(page, gap=14)
        self.list.setMinimumWidth(NARROWEST)
        self.list.setMaximumWidth(SIDE)
        across.addWidget(self.list, 2)
        right = column(gap=8)
        pair = row(gap=10)
        pair.addWidget(self.left, 1)
        pair.addWidget(self.right, 1)
        right.addLayout(pair, 1)
        self.exact = said(self._desk.words, "ui.duplicates.exact", "soft", wraps=True)
        right.addWidget(self.exact)
        holder = QWidget()
        flow = FlowLayout(holder, gap=8)
        words = self._desk.words
        self.keep = button(words, "ui.duplicates.keep", lambda: self._do("keep"), role="primary")
        self.keep_other = button(words, "ui.keys.duplicates.keep_other", lambda: self._do("keep_other"))
        self.different = button(words, "ui.duplicates.different", lambda: self._do("different"))
        self.next = button(words, "ui.duplicates.next", lambda: self._do("next"))
        self.open = button(words, "ui.duplicates.open", lambda: self._do("open"), role="link")
        for each in (self.keep, self.keep_other, self.different, self.next, self.open):
            flow.addWidget(each)
        right.addWidget(holder)
        across.addLayout(right, 5)
        return page

    def _build_nothing(self) -> QWidget:
        words = self._desk.words
        return middle_page(
            said(words, "ui.duplicates.nothing", "headline", wraps=True),
            said(words, "ui.duplicates.nothing_why", "soft", wraps=True),
        )

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────────

    def show_place(self, _place: Place) -> None:
        """Bring the groups up to date and put the keyboard on them."""
        self._may_give_keyboard = watch_keyboard(self)
        self.refresh()
        self.compare_new()
        self._give_keyboard()

    def _give_keyboard(self) -> None:
        if not self.rows.groups:
            return
        if self._may_give_keyboard():
            self.list.setFocus()
        self._may_give_keyboard = lambda: False

    def compare_new(self) -> None:
        """Compare what was not compared yet; nothing waits for it."""
        if self._desk.assistant.library.is_read_only:
            return
        self._show_finding(0, 0)
        tell = self._desk.bridge.on_main(self._show_finding)
        self._desk.bridge.when_done(
            self._desk.assistant.duplicates.find(tell), lambda _changes: self._found(), owner=self, failed=self._failed
        )

    def refresh(self) -> None:
        """Read the groups anew; the current one stays the current one."""
        self._reading.now()

    def _question(self) -> Callable[[], _Read | None]:
        duplicates, shown = self._desk.assistant.duplicates, self.rows.groups

        def read() -> _Read | None:
            groups = tuple(duplicates.groups())
            # Comparing thousands, as finding one among them, is for the reader's thread.
            return _Read(groups, {group.item_ids: at for at, group in enumerate(groups)}) if groups != shown else None

        return read

    def _show_finding(self, done: int, total: int) -> None:
        self.finding.show()
        self.progress.setVisible(total > 0)
        self.progress.setRange(0, max(1, total))
        self.progress.setValue(done)

    def _found(self) -> None:
        self.finding.hide()
        self.progress.hide()
        self.refresh()

    def _failed(self, fault: BaseException) -> None:
        self.finding.hide()
        self.progress.hide()
        actions.show_fault(self._desk, fault=fault)

    def _show_groups(self, read: _Read | None) -> None:
        """None: those that are shown."""
        current, place = self.list.current, self.list.currentIndex().row()
        compared = self._at
        if read is None and (current is not None or not self.rows.groups):
            self._pages.setCurrentIndex(0 if self.rows.groups else 1)
            return
        groups = read.groups if read is not None else self.rows.groups
        self.rows.show_groups(groups)
        self._pages.setCurrentIndex(0 if groups else 1)
        self._speak()
        if groups:
            again = read.places.get(current.item_ids) if current is not None and read is not None else None
            at = again if again is not None else min(max(0, place), len(groups) - 1)
            self.list.setCurrentIndex(self.rows.index(at))
            if again is not None:
                self._compare(compared)
        self._give_keyboard()

    def _speak(self) -> None:
        words, keys = self._desk.words, self._desk.keys
        self.count.setText(words.say("ui.duplicates.left", count=len(self.rows.groups)) if self.rows.groups else "")
        tips = {"keep": self.keep, "different": self.different}
        for verb, widget in tips.items():
            widget.setToolTip(plain_tip(words.say(f"ui.duplicates.{verb}_tip", key=keys.shown(f"duplicates.{verb}"))))
        others: dict[str, QPushButton] = {"keep_other": self.keep_other, "next": self.next, "open": self.open}
        for verb, widget in others.items():
            key = keys.shown(f"duplicates.{verb}")
            widget.setToolTip(plain_tip(words.say("ui.tip_key", tip=words.say(f"ui.keys.duplicates.{verb}"), key=key)))
        self._compare(self._at)

    def _compare(self, at: int) -> None:
        """The one that is kept beside the one at this place of the group."""
        group, words = self.list.current, self._desk.words
        if group is None:
            return
        last = len(group.members) - 1
        self._at = at if 1 <= at <= last else (1 if at > last else last)
        self.exact.setVisible(group.is_exact)
        self.right.setVisible(not group.is_exact)
        for widget in (self.keep, self.keep_other, self.different):
            widget.setVisible(not group.is_exact)
        self.next.setVisible(last > 1)
        why = words.say("ui.list_separator").join(words.sentence(each) for each in group.kept.differences)
        reasons = [words.say("ui.duplicates.why", why=why)] if why else []
        if group.is_exact:
            reasons = list(group.kept.item.copies)
        self._show(self.left, group.kept, words.say("ui.duplicates.proposed") if not group.is_exact else "", reasons)
        if group.is_exact:
            return
        member = group.members[self._at]
        differences = [words.sentence(each) for each in member.differences]
        role = (
            words.say("ui.duplicates.compared")
            if last == 1
            else words.say("ui.duplicates.compared_of", place=words.number(self._at), total=words.number(last))
        )
        text = words.say("ui.list_separator").join(differences) or words.say("ui.duplicates.same")
        self._show(self.right, member, role, [text])

    def _show(self, card: ComparedItem, member: Member, role: str, lines: Sequence[str]) -> None:
        is_shown = card.item is not None and card.item.id == member.item.id
        card.show_item(member.item, role, lines)
        if is_shown:
            return
        assistant, item = self._desk.assistant, member.item

        def is_wanted() -> bool:
            now = card.item
            return now is not None and now.id == item.id

        def take(picture: QImage) -> None:
            if not picture.isNull() and is_wanted():
                card.picture.show_picture(picture, item.kind)

        def take_still(still: QImage) -> None:
            take(still)
            if item.kind is Kind.PHOTO and not item.is_missing:
                self._desk.bridge.read_disk(lambda: load_compared(assistant, item, is_wanted), take, owner=self)

        self._desk.bridge.read(lambda: load_still(assistant, item.id), take_still, owner=self)

    # ── what the person does ──────────────────────────────────────────────────────────────────────────────────────

    def _do(self, verb: str) -> None:
        group = self.list.current
        if group is None:
            return
        acts: dict[str, Callable[[], object]] = {
            "next": lambda: self._compare(self._at + 1),
            "previous": lambda: self._compare(self._at - 1),
            "open": lambda: self.opened.emit(group.members[min(self._at, len(group.members) - 1)].item.id),
        }
        if not group.is_exact:
            acts["keep"] = lambda: self._keep(group, 0)
            acts["keep_other"] = lambda: self._keep(group, self._at)
            acts["different"] = lambda: self._part(group)
        acts.get(verb, lambda: None)()

    def _keep(self, group: Group, at: int) -> None:
        kept = group.item_ids[at]
        others = [item_id for item_id in group.item_ids if item_id != kept]
        future = self._desk.assistant.duplicates.keep(kept, others)
        self._desk.bridge.when_done(future, partial(self._told, "ui.duplicates.gone"), owner=self)

    def _part(self, group: Group) -> None:
        future = self._desk.assistant.duplicates.part(group.item_ids)
        self._desk.bridge.when_done(future, partial(self._told, "ui.duplicates.parted"), owner=self)

    def _told(self, code: str, changes: LibraryChanges) -> None:
        if not changes:
            return

        def undo() -> None:
            actions.undo(self._desk, owner=self, step=changes.step)

        self._desk.tell(code, count=len(changes.removed), undo=undo)
        self.refresh()
        self.list.setFocus()

    def _library_changed(self, changes: LibraryChanges) -> None:
        is_other = changes.added or changes.removed or changes.moments or changes.journal
        if is_other and self.isVisible():
            self._reading.want()

    def showEvent(self, event: QShowEvent) -> None:
        """What came meanwhile is there at once."""
        super().showEvent(event)
        self._reading.want()


def build(desk: Desk) -> DuplicatesPanel:
    """For the registry."""
    return DuplicatesPanel(desk)
