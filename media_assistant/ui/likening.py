"""More like this, and not like this: the item, the moment, the loop, the passage or the items that the person means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QMenu

from media_assistant.items.clock import clock
from media_assistant.items.examples import Example
from media_assistant.items.span import TextSpan, TimeSpan
from media_assistant.ui.desk import Desk
from media_assistant.ui.item_models.examples_model import MOST
from media_assistant.ui.places import Place
from media_assistant.ui.teach_words import teach_chosen
from media_assistant.ui.widgets.timeline.timeline import Timeline


class Likening(QObject):
    """For the main window, as long as it lives."""

    def __init__(self, window: Any, desk: Desk) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        inspector = window.inspector
        desk.examples.wanted.connect(self.show)
        desk.examples.limited.connect(self._tell_most)
        TimelineMenu(inspector.timeline, desk, lambda: inspector.item_id, lambda: None, self.take)

    def verbs(self) -> dict[str, Callable[[], object]]:
        """What keys of the whole window do here."""
        return {"similar": self.more_like, "not_similar": self.less_like, "teach": lambda: teach_chosen(self._window)}

    def use_player(self, player: Any) -> None:
        """The large view, made late."""
        TimelineMenu(
            player.timeline,
            self._desk,
            lambda: player.item_id,
            lambda: player.playback and player.playback.loop,
            self.take,
        )

    def more_like(self) -> None:
        """What is meant now becomes what is looked for."""
        self.take(self._meant(), is_wanted=True)

    def less_like(self) -> None:
        """What is meant now is what it shall not be like."""
        self.take(self._meant(), is_wanted=False)

    def take(self, examples: Sequence[Example], *, is_wanted: bool) -> None:
        """Look for what is like these from now on; or keep what is looked for, but not like these."""
        if not examples:
            self._desk.tell("ui.similar.nothing_chosen")
            return
        model = self._desk.examples
        if is_wanted:
            model.want(examples)
        else:
            model.add(examples, is_wanted=False)
            self.show()

    def show(self) -> None:
        """The view of what is similar, wherever the person is."""
        window = self._window
        if window.is_playing_large:
            window.player.tabs.show_tab("similar")
            return
        if window.sidebar.place.page != "library":
            window.go(Place())  # it stands beside the library alone
        window.inspector.show_similar()
        window.show_sides()

    def _tell_most(self, taken: int) -> None:
        self._desk.tell("ui.similar.most_first" if taken else "ui.similar.most", n=MOST)

    def add_to_menu(self, menu: QMenu, chosen: Sequence[int]) -> None:
        """For the menu of chosen items."""
        for code, verb, act in (
            ("ui.similar.more_of", "anywhere.similar", self.more_like),
            ("ui.similar.less_of", "anywhere.not_similar", self.less_like),
        ):
            key = self._desk.keys.shown(verb)
            name = self._desk.words.say(code, count=len(chosen))
            menu.addAction(f"{name}\t{key}" if key else name).triggered.connect(act)

    def _meant(self) -> list[Example]:
        window = self._window
        if window.is_playing_large and window.player.item_id:
            return [_shown_by(window.player)]
        return [Example(item_id) for item_id in window.chosen_ids()]


def _shown_by(player: Any) -> Example:
    """The loop, the moment, the passage in sight, or the whole photo."""
    item_id, playback = player.item_id, player.playback
    if player.stage.reader.isVisible():
        span = player.stage.reader.span_in_sight()
        return Example(item_id, span=span) if isinstance(span, TextSpan) else Example(item_id)
    if playback is None or not player.timeline.duration_ms:
        return Example(item_id)
    loop = playback.loop
    if loop is not None and loop.end_ms:
        return Example(item_id, span=TimeSpan(loop.start_ms, loop.end_ms))
    at_ms = player.timeline.position_ms
    return Example(item_id, span=TimeSpan(at_ms, at_ms))


class TimelineMenu(QObject):
    """What can be looked for from a place of a timeline: by mouse where it points, by keyboard where the playhead is."""

    def __init__(
        self,
        timeline: Timeline,
        desk: Desk,
        item_id: Callable[[], int],
        loop: Callable[[], Any],
        take: Callable[..., None],
    ) -> None:
        super().__init__(timeline)
        self._timeline = timeline
        self._desk = desk
        self._item_id = item_id
        self._loop = loop
        self._take = take
        timeline.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Only the menu is ours."""
        if not isinstance(event, QContextMenuEvent) or not self._item_id() or not self._timeline.duration_ms:
            return super().eventFilter(watched, event)
        if event.reason() is QContextMenuEvent.Reason.Mouse:
            at_ms = self._timeline.ms_at(event.pos().x())
        else:
            at_ms = self._timeline.position_ms
        self.menu(at_ms).popup(event.globalPos())
        return True

    def menu(self, at_ms: int) -> QMenu:
        """For a time of the item."""
        menu = QMenu(self._timeline)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        say, item_id, loop = self._desk.words.say, self._item_id(), self._loop()
        moment = Example(item_id, span=TimeSpan(at_ms, at_ms))

        def add(text: str, example: Example, *, is_wanted: bool) -> None:
            menu.addAction(text).triggered.connect(lambda: self._take([example], is_wanted=is_wanted))

        add(say("ui.similar.more_moment", at=clock(at_ms)), moment, is_wanted=True)
        if loop is not None and loop.end_ms:
            stretch = Example(item_id, span=TimeSpan(loop.start_ms, loop.end_ms))
            times = {"start": clock(loop.start_ms), "end": clock(loop.end_ms)}
            add(say("ui.similar.more_stretch", **times), stretch, is_wanted=True)
        add(say("ui.similar.less_moment", at=clock(at_ms)), moment, is_wanted=False)
        return menu
