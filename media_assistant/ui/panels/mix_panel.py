"""A mix or a path, made from items, a collection, a group or a tag, changed step by step, played, kept and saved."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QWidget

from media_assistant.errors import UserFixable
from media_assistant.items.clock import clock
from media_assistant.items.mix import Mix
from media_assistant.ui import actions, collecting
from media_assistant.ui.awaited import Awaited
from media_assistant.ui.desk import Desk
from media_assistant.ui.mixing import MixSource
from media_assistant.ui.places import Place
from media_assistant.ui.playback.playback import Playback
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.mix_table import MixTable
from media_assistant.ui.widgets.mix_wishes import MixWishes
from media_assistant.ui.widgets.plain import (
    PAGE_MARGINS,
    ShortenedLabel,
    button,
    column,
    label,
    middle_page,
    page_title,
    row,
)


class MixPanel(QFrame):
    """Signals: `opened(int, int)` an item is to be played from a time in ms on."""

    opened = Signal(int, int)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._seeds: tuple[int, ...] = ()
        self._source: MixSource | None = None
        self._ends: tuple[int, int] | None = None
        self._fault: BaseException | None = None
        self._is_empty = False
        """Whether what was to be mixed from holds nothing."""
        self._without: set[int] = set()
        self._awaited = Awaited()
        self._playback: Playback | None = None
        self._playing = -1
        self._is_new = False
        """Whether nothing of it was shown yet, so that the keyboard goes there."""
        self.mix = Mix(())
        self.setProperty("ground", "ground")
        down = column(self, margins=PAGE_MARGINS, gap=10)
        head = row(gap=10)
        head.addWidget(page_title(desk.words, "ui.panel.mix"))
        self.source = ShortenedLabel("soft")
        head.addWidget(self.source, 1)
        down.addLayout(head)
        self.wishes = MixWishes(desk.words)
        self.wishes.mix_wanted.connect(self.remake)
        down.addWidget(self.wishes)
        self.note = label("soft", wraps=True)
        down.addWidget(self.note)
        self.table = MixTable(desk)
        self.table.played.connect(self.play)
        self.table.removed.connect(self.remove)
        self.table.itemSelectionChanged.connect(self._tell)
        down.addWidget(self.table, 1)
        verbs = QWidget()
        flow = FlowLayout(verbs)
        self.play_button = button(desk.words, "ui.mix.play", lambda: self.play(max(0, self.table.currentRow())))
        self.swap_button = button(desk.words, "ui.mix.swap", lambda: self.swap(self.table.currentRow()))
        self.remove_button = button(desk.words, "ui.mix.remove", lambda: self.remove(self.table.currentRow()))
        self.keep_button = button(desk.words, "ui.groups.keep", self.keep)
        self.save_button = button(desk.words, "ui.playlist.export", self.save)
        for each in (self.play_button, self.swap_button, self.remove_button, self.keep_button, self.save_button):
            flow.addWidget(each)
        down.addWidget(verbs)
        self._verbs = verbs
        self._nothing_title, self._nothing_why = label("headline", wraps=True), label("soft", wraps=True)
        self._nothing = middle_page(self._nothing_title, self._nothing_why)
        down.addWidget(self._nothing, 1)
        desk.words.changed.connect(self._speak)
        self._speak()

    # ── what is made ──────────────────────────────────────────────────────────────────────────────────────────────

    def show_place(self, _place: Place) -> None:
        """As it was left."""
        self._speak()
        if self.mix.steps:
            self.table.setFocus()

    def begin(self, seeds: tuple[int, ...]) -> None:
        """A mix from these items."""
        self._begin(seeds)

    def begin_from(self, source: MixSource) -> None:
        """A mix from all that a collection, a group or a tag holds, now and whenever it is made again."""
        self._begin((), source=source)

    def begin_path(self, start: int, end: int) -> None:
        """A path from one item to the other."""
        self._begin((start, end), ends=(start, end))

    def _begin(
        self, seeds: tuple[int, ...], *, source: MixSource | None = None, ends: tuple[int, int] | None = None
    ) -> None:
        self._seeds, self._source, self._ends = seeds, source, ends
        self._without = set()
        self._is_empty, self._fault = False, None
        self.mix = Mix(())
        self.table.show_mix(self.mix, is_path=ends is not None)
        self.wishes.show_for(is_path=ends is not None)
        self._is_new = True
        self._speak()
        self.remake()

    def remake(self) -> None:
        """Again, by what is wished for now; locked steps stay where they are."""
        if self._source is None:
            self._ask()
            return
        self._awaited.drop()
        is_dropped = self._awaited.whether_dropped()

        def take(item_ids: list[int]) -> None:
            if is_dropped():
                return
            self._seeds, self._is_empty = tuple(item_ids), not item_ids
            if item_ids:
                self._ask()
            else:
                self._take(Mix(()), 0)

        collecting.read_place(
            self._desk,
            place=self._source.place,
            take=take,
            owner=self,
            failed=lambda fault: self._failed(is_dropped, fault),
        )

    def swap(self, at: int) -> None:
        """Another one in its place; everything else stays. Where there is none, so does this one."""
        if not self.table.can_change(at):
            return
        before, mixes = self.mix, self._desk.assistant.mixes
        ids = [step.item.id for step in before.steps]
        without = (*self._without, ids[at])
        if self._ends is not None:
            future = mixes.path_with_another(ids, at, without)
        else:
            locked = {place: item_id for place, item_id in enumerate(ids) if place != at}
            future = mixes.mix(self._seeds, replace(self.wishes.wish(), minutes=0.0, steps=len(ids)), locked, without)

        def take(mix: Mix) -> None:
            if len(mix.steps) < len(ids):
                self._failed(self._awaited.whether_dropped(), UserFixable("mix.no_other"))
                return
            self._without.add(ids[at])
            self._take(replace(mix, says=before.says, notes=before.notes), at)

        self._await(future, take)

    def remove(self, at: int) -> None:
        """Out of the list; it does not come back when the mix is made again."""
        if not self.table.can_change(at):
            return
        self._without.add(self.mix.steps[at].item.id)
        steps = tuple(step for place, step in enumerate(self.mix.steps) if place != at)
        self._take(Mix(steps), at)
        if steps:
            self._tell_again([step.item.id for step in steps])

    def _tell_again(self, item_ids: list[int]) -> None:
        """What a step has to do with the one before, where that is another one now."""

        def take(told: Mix) -> None:
            if [step.item.id for step in self.mix.steps] == item_ids:
                self.mix = replace(self.mix, steps=told.steps)
                self.table.show_mix(self.mix, is_path=self._ends is not None)

        # Where an item is gone meanwhile there is nothing to say; the mix stays as it is.
        future = self._desk.assistant.mixes.told_again(item_ids)
        self._desk.bridge.when_done(future, take, owner=self, failed=lambda _fault: None)

    def _ask(self) -> None:
        if not self._seeds:
            return
        mixes, locked, without = self._desk.assistant.mixes, self.table.locked(), tuple(self._without)
        if self._ends is not None:
            future = mixes.path(*self._ends, self.wishes.steps.value(), locked, without)
        else:
            future = mixes.mix(self._seeds, self.wishes.wish(), locked, without)
        self._await(future, lambda mix: self._take(mix, 0))

    def _await(self, future: Future[Mix], take: Callable[[Mix], None]) -> None:
        """What was asked for before is not waited for any more."""
        self._awaited.drop()
        is_dropped, arrived = self._awaited.whether_dropped(), self._awaited.only(take)
        self._desk.bridge.when_done(future, arrived, owner=self, failed=lambda fault: self._failed(is_dropped, fault))

    def _take(self, mix: Mix, at: int) -> None:
        self.mix, self._fault = mix, None
        self._playing = -1
        self.table.show_mix(mix, is_path=self._ends is not None)
        self.table.go_to(at)
        self._speak()
        self._take_keyboard()

    def _take_keyboard(self) -> None:
        """Once for each mix that was begun, to what came of it."""
        if self._is_new and self.isVisible():
            self._is_new = False
            (self.table if self.mix.steps else self.wishes.again).setFocus()

    def _failed(self, is_dropped: Callable[[], bool], fault: BaseException) -> None:
        if not is_dropped():
            self._fault = fault
            self._speak()
            self._take_keyboard()
        actions.show_fault(self._desk, fault=fault)

    # ── what becomes of it ────────────────────────────────────────────────────────────────────────────────────────

    def use_playback(self, playback: Playback) -> None:
        """What plays in the window: when a step has ended the next one begins."""
        self._playback = playback
        playback.loaded.connect(self._another)
        # A turn later: a player must not be given another file while it says what became of this one.
        later = Qt.ConnectionType.QueuedConnection
        playback.ended.connect(self._go_on, later)
        playback.troubled.connect(self._pass_over_troubled, later)
        playback.refused.connect(self._pass_over, later)

    def play(self, at: int) -> None:
        """From this step on."""
        if 0 <= at < len(self.mix.steps):
            self._playing = at
            self.opened.emit(self.mix.steps[at].item.id, 0)

    @property
    def _expected_id(self) -> int:
        """The item of the step that is played, or 0."""
        return self.mix.steps[self._playing].item.id if 0 <= self._playing < len(self.mix.steps) else 0

    @property
    def _loaded_id(self) -> int:
        item = self._playback.item if self._playback is not None else None
        return item.id if item is not None else 0

    def _another(self) -> None:
        """Whoever plays something else has left the mix. That the player lets go of a file is a part of every step."""
        if self._loaded_id not in (0, self._expected_id):
            self._playing = -1

    def _go_on(self) -> None:
        if self._loaded_id and self._loaded_id == self._expected_id:
            self.play(self._playing + 1)

    def _pass_over_troubled(self) -> None:
        self._pass_over(self._loaded_id)

    def _pass_over(self, item_id: int) -> None:
        """A step that cannot be played does not end, so that the next one would never come."""
        if item_id and item_id == self._expected_id:
            self._desk.tell("ui.mix.passed_over", title=self.mix.steps[self._playing].item.title[:120])
            self.play(self._playing + 1)

    def showEvent(self, event: QShowEvent) -> None:
        """The large view was left, and with it the mix: what is played from elsewhere leads to no next step."""
        super().showEvent(event)
        if not event.spontaneous():
            self._playing = -1

    def keep(self) -> None:
        """As a collection, in this order."""
        ids = [step.item.id for step in self.mix.steps]
        if ids:
            name = self._title()
            collecting.create_collection(self._desk, item_ids=ids, owner=self, name=name, is_new_name=True)

    def save(self) -> None:
        """As an m3u8 list."""
        ids = [step.item.id for step in self.mix.steps]
        if ids:
            collecting.save_playlist(self._desk, title=self._title(), item_ids=ids, owner=self)

    def _title(self) -> str:
        say = self._desk.words.say
        if self._source is not None:
            return say(f"ui.mix.of_{self._source.what}", name=self._source.name()[:120])
        if not self.mix.steps:
            return ""
        first, last = self.mix.steps[0].item.title, self.mix.steps[-1].item.title
        if self._ends is not None:
            return say("ui.mix.path_of", start=first[:80], end=last[:80])
        return say("ui.mix.mix_of", title=first[:120])

    # ── what is said ──────────────────────────────────────────────────────────────────────────────────────────────

    def _speak(self) -> None:
        has_begun = bool(self._seeds or self._source)
        is_bare = not has_begun or (not self.mix.steps and (self._is_empty or self._fault is not None))
        self.wishes.setVisible(has_begun)
        for each in (self.table, self._verbs, self.note):
            each.setVisible(not is_bare)
        self._nothing.setVisible(is_bare)
        self.source.setText(self._title())
        if is_bare:
            self._tell_why_bare()
        self.note.setText("\n".join(self._notes()))
        self._tell()

    def _tell_why_bare(self) -> None:
        """In the middle of the page: why there is no mix."""
        words = self._desk.words
        if self._is_empty and self._source is not None:
            self._nothing_title.setText(words.say("ui.mix.empty", name=self._source.name()[:120]))
            self._nothing_why.setText(words.say("ui.mix.empty_why"))
        elif self._fault is not None:
            self._nothing_title.setText(words.say("ui.mix.none"))
            self._nothing_why.setText(words.fault(self._fault))
        else:
            self._nothing_title.setText(words.say("ui.mix.nothing"))
            self._nothing_why.setText(words.say("ui.mix.nothing_why"))

    def _notes(self) -> list[str]:
        """Over the steps: how many, how long, and what kept it from being as wished."""
        words, mix = self._desk.words, self.mix
        said = [words.sentence(note) for note in ((mix.says, *mix.notes) if mix.says else mix.notes)]
        if self._fault is not None:
            said.insert(0, words.fault(self._fault))
        if mix.steps:
            count = words.say("ui.search.items", count=len(mix.steps))
            total = words.say("ui.mix.total", items=count, length=clock(mix.total_ms)) if mix.total_ms else count
            return [total, *said]
        return said or [words.say("ui.mix.making")]

    def _tell(self) -> None:
        is_there = bool(self.mix.steps)
        for each in (self.play_button, self.keep_button, self.save_button):
            each.setEnabled(is_there)
        for each in (self.swap_button, self.remove_button):
            each.setEnabled(is_there and self.table.can_change(self.table.currentRow()))


def build(desk: Desk) -> MixPanel:
    """For the registry."""
    return MixPanel(desk)
