"""What the person points at to find more like it, and less, and what was found: one for the whole window.

As long as nobody points at anything, the item that is shown is the only example. Whatever is changed can be taken back.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from media_assistant.assistant import Assistant
from media_assistant.items.answers import Suggestion
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.examples import Example, Examples, like_item
from media_assistant.items.item import Item
from media_assistant.ui.awaited import Awaited
from media_assistant.ui.job_bridge import JobBridge
from media_assistant.ui.library_events import LibraryEvents

MOST = 12
"""Examples at once: more say nothing more, and each is compared with the whole library."""
_STEPS = 50


class ExamplesModel(QObject):
    """Signals: `changed()` the examples are others; `wanted()` the person wants to see what is like them; `answered()` what was found, or why nothing was, is another;
    `limited(int)` more than `MOST` were wanted, and so many of them, or none, were taken;
    `progressed(object, int, int)` the outside file that is being understood, how far in ms, and how long it is or 0.
    """

    changed = Signal()
    wanted = Signal()
    answered = Signal()
    limited = Signal(int)
    progressed = Signal(object, int, int)

    def __init__(self, assistant: Assistant, bridge: JobBridge, events: LibraryEvents) -> None:
        super().__init__()
        self._assistant = assistant
        self._bridge = bridge
        self._followed = 0
        self._asked: Examples | None = None
        self._before: list[tuple[Examples, bool]] = []
        self._stop = threading.Event()
        self._awaited = Awaited()
        self._items: dict[int, Item] = {}
        self.examples = Examples()
        self.is_own = False
        """Whether the person chose the examples; else it is the item that is shown."""
        self.is_looking = False
        self.was_stopped = False
        self.fault: BaseException | None = None
        self.found: tuple[Suggestion, ...] = ()
        events.changed.connect(self._library_changed)

    # ── which examples ────────────────────────────────────────────────────────────────────────────────────────────

    def follow(self, item_id: int) -> None:
        """An item is shown: the example, unless the person chose others."""
        self._followed = item_id
        if not self.is_own:
            self._set(like_item(item_id) if item_id else Examples())

    def choose(self, plus: Iterable[Example]) -> None:
        """These and no others from now on."""
        wanted = tuple(plus)
        self._change(Examples(wanted[:MOST]))
        if len(wanted) > MOST:
            self.limited.emit(MOST)

    def want(self, plus: Iterable[Example]) -> None:
        """As `choose`, and to be seen at once."""
        self.choose(plus)
        self.wanted.emit()

    def add(self, added: Iterable[Example], *, is_wanted: bool) -> bool:
        """More of it, or less: what is an example already changes its side. Whether anything is another now."""
        new = tuple(dict.fromkeys(added))
        plus = tuple(one for one in self.examples.plus if one not in new)
        minus = tuple(one for one in self.examples.minus if one not in new)
        changed = Examples((*plus, *new), minus) if is_wanted else Examples(plus, (*minus, *new))
        if len(changed.all) > MOST:
            self.limited.emit(0)
            return False
        return self._change(changed)

    def flip(self, example: Example) -> None:
        """From one side to the other."""
        self.add([example], is_wanted=example not in self.examples.plus)

    def drop(self, example: Example) -> None:
        """It is no example any more."""
        sides = (self.examples.plus, self.examples.minus)
        self._change(Examples(*(tuple(one for one in side if one != example) for side in sides)))

    def reset(self) -> None:
        """Only the item that is shown, as before."""
        self._remember()
        self.is_own = False
        self._set(like_item(self._followed) if self._followed else Examples())

    def undo(self) -> bool:
        """Take the last change back; whether there was one."""
        if not self._before:
            return False
        examples, self.is_own = self._before.pop()
        if not self.is_own and self._followed:
            examples = like_item(self._followed)
        self._set(examples)
        return True

    @property
    def can_undo(self) -> bool:
        """Whether a change of the examples can be taken back."""
        return bool(self._before)

    def item(self, item_id: int) -> Item | None:
        """An example of the library; None until it was looked up."""
        return self._items.get(item_id)

    def _change(self, examples: Examples) -> bool:
        if examples == self.examples and self.is_own:
            return False
        self._remember()
        self.is_own = bool(examples.all)
        self._set(examples if self.is_own or not self._followed else like_item(self._followed))
        return True

    def _remember(self) -> None:
        self._before = [*self._before[1 - _STEPS :], (self.examples, self.is_own)]

    def _set(self, examples: Examples) -> None:
        if examples == self.examples:
            self.changed.emit()
            return
        self.examples, self._asked = examples, None
        self.found, self.fault, self.was_stopped = (), None, False
        self.cancel(is_told=False)
        self.changed.emit()
        missing = [one.item_id for one in examples.all if one.item_id and one.item_id not in self._items]
        if missing:
            self._bridge.read(lambda: self._assistant.library.items(missing), self._take_items, owner=self)

    def _take_items(self, items: Iterable[Item]) -> None:
        self._items |= {item.id: item for item in items}
        self.changed.emit()

    def _library_changed(self, changes: LibraryChanges) -> None:
        for item_id in (*changes.removed, *changes.changed):
            self._items.pop(item_id, None)
        gone = set(changes.removed)
        if gone & {one.item_id for one in self.examples.all}:
            sides = (self.examples.plus, self.examples.minus)
            left = Examples(*(tuple(one for one in side if one.item_id not in gone) for side in sides))
            self.is_own = self.is_own and bool(left.all)
            self._set(left if self.is_own else Examples())

    # ── what is like them ─────────────────────────────────────────────────────────────────────────────────────────

    def wake(self) -> None:
        """Somebody looks: ask, if these examples were not asked about."""
        if self.examples == self._asked:
            return
        self._asked = self.examples
        self._awaited.drop()
        self._stop = threading.Event()
        self.found, self.fault, self.was_stopped = (), None, False
        self.is_looking = bool(self.examples.plus)
        self.answered.emit()
        if not self.is_looking:
            return

        tell = self._awaited.only(self.progressed.emit)
        future = self._assistant.similarity.find(
            self.examples, progress=self._bridge.on_main(tell), should_stop=self._stop.is_set
        )
        answer = self._awaited.only(self._answer)
        self._bridge.when_done(
            future,
            answer,
            owner=self,
            failed=lambda fault: answer((), fault),
            cancelled=lambda: answer((), None, was_stopped=True),
        )

    def ask_again(self) -> None:
        """The next who looks asks anew."""
        self._asked = None

    def cancel(self, *, is_told: bool = True) -> None:
        """Stop understanding a file outside; `is_told`: say that it was stopped."""
        self._stop.set()
        if not is_told:
            self._awaited.drop()
            self.is_looking = False

    def _answer(
        self, found: tuple[Suggestion, ...], fault: BaseException | None = None, *, was_stopped: bool = False
    ) -> None:
        self.found, self.fault, self.was_stopped, self.is_looking = found, fault, was_stopped, False
        self.answered.emit()
