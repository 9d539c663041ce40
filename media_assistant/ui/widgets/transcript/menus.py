"""The menus of the transcript: what can be done with lines, with all of it, and where it goes as a file."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from media_assistant.items.examples import Example
from media_assistant.items.item import Item
from media_assistant.items.span import TimeSpan
from media_assistant.items.transcript import span_of
from media_assistant.ui import transcript_actions
from media_assistant.ui.desk import Desk
from media_assistant.ui.transcript_actions import FORMATS
from media_assistant.ui.widgets.transcript.line_verbs import LineVerbs

_LINE = ("edit", "split", "merge", "insert", "delete", "", "start_here", "end_here", "", "confirm", "listen")


class TranscriptMenus:
    """`do` carries out a verb of the room `transcript`."""

    def __init__(self, desk: Desk, verbs: LineVerbs, do: Callable[[str], None]) -> None:
        self._desk = desk
        self._verbs = verbs
        self._do = do

    def line_menu(self, owner: QWidget) -> QMenu:
        """What can be done with the chosen lines."""
        menu = QMenu(owner)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for verb in _LINE:
            self._add(menu, verb)
        if lines := self._verbs.chosen():
            span = TimeSpan(span_of(lines[0]).start_ms, max(span_of(line).end_ms for line in lines))
            example = Example(self._verbs.item_id, span=span)
            menu.addSeparator()
            menu.addAction(self._desk.words.say("ui.similar.more_said")).triggered.connect(
                lambda: self._desk.examples.want([example])
            )
        return menu

    def fill_more(self, menu: QMenu, owner: QWidget) -> None:
        """What can be done with the transcript as a whole."""
        menu.clear()
        if self._verbs.has_lines:
            for verb in ("edit", "insert", "", "find", "next_doubt", "shift", ""):
                self._add(menu, verb)
        self._add(menu, "listen")
        self._add(menu, "names")
        menu.addAction(self._desk.words.say("ui.lines.import")).triggered.connect(
            lambda: transcript_actions.choose_import(self._desk, item_id=self._verbs.item_id, owner=owner)
        )

    def fill_export(self, menu: QMenu, item: Item | None, owner: QWidget) -> None:
        """Each format that can hold it: to where the person says, or beside the file."""
        menu.clear()
        if item is None:
            return
        desk, say, track = self._desk, self._desk.words.say, self._verbs.track
        beside = QMenu(say("ui.lines.beside"), menu)
        for to in FORMATS if self._verbs.has_times else ("txt",):
            menu.addAction(say(f"ui.export.{to}") + "…").triggered.connect(
                lambda _checked=False, to=to: transcript_actions.choose_export(
                    desk, item=item, to=to, language=track, owner=owner
                )
            )
            beside.addAction(say(f"ui.export.{to}")).triggered.connect(
                lambda _checked=False, to=to: transcript_actions.save(
                    desk, item_ids=(item.id,), to=to, language=track, owner=owner
                )
            )
        menu.addSeparator()
        menu.addMenu(beside)

    def _add(self, menu: QMenu, verb: str) -> None:
        if not verb:
            menu.addSeparator()
            return
        keys = self._desk.keys.shown(f"transcript.{verb}")
        name = self._desk.words.say(f"ui.keys.transcript.{verb}")
        menu.addAction(f"{name}\t{keys}" if keys else name).triggered.connect(lambda: self._do(verb))
