"""What somebody does before the window for hours: every deed through the mouse and the keyboard, one after the other, in
the order of the dice.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from media_assistant.items.kind import Kind
from media_assistant.items.moment import Sense
from media_assistant.library.readers import IDLE_S
from media_assistant.ui import actions
from media_assistant.ui.main_window import MainWindow
from media_assistant.ui.panels.registry import PAGES
from media_assistant.ui.places import Place
from media_assistant.ui.screenshots import let_pass, wait_until
from media_assistant.ui.startup.rubbish import GIVES_BACK_S
from media_assistant.ui.startup.running import Running
from tests.stress.soaking.gauges import Lateness

QUERIES = (
    "lighthouse", "sea", "dog", "月亮", "灯塔", "said:seven", "kind:photo cat", "a piano", "rain", "written:exit",
    '"city lights"', "xylophone quartet", "tag:dog", "has:words", "crying baby", "狗", "guitar OR drum", "lihgthouse",
)  # fmt: skip
PLAYER_KEYS = "0123456789jkl,.nc[]\\m"
GROUPS, SORTS = ("", "day", "kind", "album", "folder"), ("added", "title", "size", "duration")
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton
LARGE_FILE = 3_000_000
"""Bytes; a new film as large as this comes only now and then."""
MOST_NEW = 60
"""So many files of the person's own come and go; the library does not grow for ever, or its growth would be measured."""


class NotSo(Exception):
    """What should have come did not."""


class Person:
    """Deeds take a few seconds each and leave the window where they will; `comes_to_rest` brings all of it back."""

    def __init__(
        self, running: Running, dice: random.Random, ingredients: list[Path], folder: Path, late: Lateness
    ) -> None:
        """`ingredients` are files that new ones are made of, below `folder`. What the trial itself reads and writes is told
        to `late`.
        """
        self.running, self.dice, self._late = running, dice, late
        self.window: MainWindow = running.window
        self._ingredients, self._folder = ingredients, folder
        self.is_hurried = False
        """Whether nothing is thought about."""
        self._made = 0
        self._cell_width = self.window.library.view_bar.state.cell_width
        self._stays = set(map(int, running.assistant.library.item_ids()))
        self._first_step = max((step.group_id for step in running.assistant.library.journal(1)), default=0)
        self.deeds: dict[Callable[[], None], int] = {
            self.brings_in: 4,
            self.takes_out: 2,
            self.searches: 8,
            self.plays: 8,
            self.reads: 4,
            self.corrects: 4,
            self.reviews: 3,
            self.tags: 3,
            self.rates: 2,
            self.gathers: 2,
            self.wanders: 4,
            self.scrolls: 4,
            self.arranges: 3,
            self.turns_back: 3,
            self.resizes: 1,
            self.changes_settings: 1,
        }

    def forgoes_impossible(self) -> None:
        """Where nothing is spoken no word can be corrected."""
        if not self._spoken():
            del self.deeds[self.corrects]

    def next_deed(self) -> Callable[[], None]:
        """One of them, by their weights."""
        return self.dice.choices(list(self.deeds), list(self.deeds.values()))[0]

    # ── hands and eyes ────────────────────────────────────────────────────────────────────────────────────────────

    def thinks(self, least_ms: int = 150, most_ms: int = 1200) -> None:
        let_pass(20 if self.is_hurried else self.dice.randint(least_ms, most_ms))

    def waits(self, is_so: Callable[[], object], *, longest_ms: int = 20_000) -> None:
        """Raises NotSo."""

        def looks() -> bool:
            with self._late.aside():
                return bool(is_so())

        if not wait_until(looks, longest_ms=longest_ms):
            raise NotSo

    def presses(self, key: Qt.Key | str, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifier)  # type: ignore[call-overload]

    def types(self, text: str) -> None:
        """A letter every tenth of a second or so; Chinese comes whole, as from an input method."""
        field = QApplication.focusWidget() or self.window
        if not text.isascii():
            composed = QInputMethodEvent()
            composed.setCommitString(text)
            QApplication.sendEvent(field, composed)
            return
        for letter in text:
            QTest.keyClicks(field, letter)
            let_pass(self.dice.randint(60, 180))

    def goes_home(self) -> None:
        """To the library, whole, with nothing searched."""
        window = self.window
        for _ in range(8):
            if not window.is_playing_large and window.library.isVisible() and not window.library.search.text:
                break
            window.escape()
            let_pass(30)
        window.go(Place())
        window.library.grid.setFocus()
        self.waits(lambda: window.library.items.rowCount() > 0)

    def points_at(self, item_id: int) -> None:
        """A click on an item of the grid."""
        grid, row = self.window.library.grid, self.window.library.items.row_of(item_id)
        if row < 0:
            raise NotSo
        grid.go_to(row)
        let_pass(30)
        QTest.mouseClick(grid.viewport(), LEFT, pos=grid.cell_rect(row).center())

    def any_item(self, *kinds: Kind) -> int:
        """One of the library's, of these kinds; raises NotSo where there is none."""
        library = self.running.assistant.library
        with self._late.aside():
            found = [int(each) for kind in kinds or tuple(Kind) for each in library.item_ids(kind=kind)]
        if not found:
            raise NotSo
        return self.dice.choice(found)

    def opens(self, *kinds: Kind) -> int:
        """An item, large; gives which."""
        self.goes_home()
        item_id = self.any_item(*kinds)
        self.points_at(item_id)
        self.thinks(100, 500)
        self.presses(Qt.Key.Key_Return)
        self.waits(lambda: self.window.is_playing_large and self.window.player.is_shown(item_id))
        return item_id

    # ── deeds ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def brings_in(self) -> None:
        """One to three new files are dropped on the window."""
        with self._late.aside():
            files = [self._new_file() for _ in range(self.dice.randint(1, 3))]
        carried = QMimeData()
        carried.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
        middle, none = QPoint(400, 300), Qt.KeyboardModifier.NoModifier
        copy = Qt.DropAction.CopyAction
        QApplication.sendEvent(self.window, QDragEnterEvent(middle, copy, carried, LEFT, none))
        QApplication.sendEvent(self.window, QDropEvent(QPointF(middle), copy, carried, LEFT, none))
        paths = {str(file) for file in files}
        library = self.running.assistant.library
        self.waits(lambda: paths <= set(library.paths(library.item_ids())))
        if len(self._own()) > MOST_NEW:
            self._removes(self._own()[: MOST_NEW // 2])

    def takes_out(self) -> None:
        """Some of the new ones are removed; now and then that is taken back."""
        own = self._own()
        self._removes(self.dice.sample(own, min(len(own), self.dice.randint(1, 4))))
        if self.dice.random() < 0.4:
            self.thinks()
            self.presses(Qt.Key.Key_Z, CONTROL)

    def searches(self) -> None:
        """Typed letter by letter; a result is looked at or played, and the box is emptied."""
        self.presses(Qt.Key.Key_F, CONTROL)
        box = self.window.library.search
        self.waits(box.field.hasFocus)
        self.types(self.dice.choice(QUERIES))
        self.waits(lambda: self.window.library.answer is not None)
        self.thinks()
        items = self.window.library.items
        if items.rowCount():
            self.points_at(items.id_at(self.dice.randrange(min(6, items.rowCount()))))
            self.thinks(500, 2500)
            if self.dice.random() < 0.4:
                self.presses(Qt.Key.Key_Return)
                self.thinks(500, 2500)

    def plays(self) -> None:
        """A film or a sound, with the keys of an editor."""
        self.opens(Kind.VIDEO, Kind.MUSIC)
        for _ in range(self.dice.randint(2, 8)):
            self.presses(self.dice.choice(PLAYER_KEYS))
            self.thinks(200, 1500)
        if self.dice.random() < 0.3:
            self.presses("f")
            self.thinks(300, 900)
            self.presses("f")

    def reads(self) -> None:
        """A text or a photo, and what is similar to it."""
        self.opens(Kind.TEXT, Kind.PHOTO)
        for name in self.dice.sample(("transcript", "similar", "details", "tags"), 2):
            self.window.player.tabs.show_tab(name)
            self.thinks(300, 1500)

    def corrects(self) -> None:
        """A line of a transcript is written anew, sometimes split, and sometimes taken back."""
        spoken = self._spoken()
        if not spoken:
            raise NotSo
        self.goes_home()
        item_id = self.dice.choice(spoken)
        self.points_at(item_id)
        self.presses(Qt.Key.Key_Return)
        self.waits(lambda: self.window.is_playing_large and self.window.player.is_shown(item_id))
        view = self.window.player.tabs.transcript
        self.window.player.tabs.show_tab("transcript")
        self.waits(lambda: view.lines.rowCount() > 0)
        view.list.setCurrentIndex(view.lines.index(self.dice.randrange(view.lines.rowCount())))
        view.list.setFocus()
        self.presses(Qt.Key.Key_F2)
        self.waits(lambda: view.list.is_editing)
        self.presses(Qt.Key.Key_End)
        self.types(self.dice.choice((" tide", " and so on", " 海")) if self.dice.random() < 0.8 else " x")
        self.presses(Qt.Key.Key_Return)
        self.waits(lambda: not view.list.is_editing)
        self.thinks()
        if self.dice.random() < 0.5:
            self.presses(Qt.Key.Key_Z, CONTROL)
            self.thinks(200, 600)

    def reviews(self) -> None:
        """Proposals, one after the other."""
        self.goes_home()
        self.presses(Qt.Key.Key_R, CONTROL)
        self.thinks(600, 1500)
        for _ in range(self.dice.randint(2, 6)):
            self.presses(self.dice.choice("aaxs"))
            self.thinks(200, 800)

    def tags(self) -> None:
        """A tag of one's own on several items, and off again."""
        self.goes_home()
        ids = [self.any_item() for _ in range(3)]
        name = self.dice.choice(("holiday", "海边", "to sort", "best of the year"))
        actions.add_tag(self.running.desk, item_ids=ids, name=name, owner=self.window)
        self.thinks()
        taken_off = self.running.assistant.remove_tag(ids, name)
        self.waits(taken_off.done)

    def rates(self) -> None:
        """Stars."""
        self.goes_home()
        self.points_at(self.any_item())
        self.presses(self.dice.choice("012345"), CONTROL)
        self.thinks()

    def gathers(self) -> None:
        """A collection is made of what is chosen, looked at, and undone."""
        self.goes_home()
        self.points_at(self.any_item())
        self.presses(Qt.Key.Key_N, CONTROL)
        section = self.window.sidebar.collections
        self.waits(lambda: section.list.is_renaming)
        self.types(self.dice.choice(("evening", "one")))
        self.presses(Qt.Key.Key_Return)
        self.waits(lambda: not section.list.is_renaming)
        self.thinks(400, 1200)
        library = self.running.assistant.library
        self.waits(library.collections)
        self.goes_home()
        for _ in range(12):
            with self._late.aside():
                if not library.collections():
                    return
            self.presses(Qt.Key.Key_Z, CONTROL)
            self.thinks(200, 400)

    def wanders(self) -> None:
        """A few of the pages."""
        for page in self.dice.sample(PAGES, 3):
            self.window.go(Place(page))
            self.thinks(300, 2000)

    def scrolls(self) -> None:
        """The library up and down."""
        self.goes_home()
        bar = self.window.library.grid.verticalScrollBar()
        for _ in range(self.dice.randint(20, 90)):
            bar.setValue(bar.value() + self.dice.choice((120, 120, 120, -240)))
            let_pass(16)

    def arranges(self) -> None:
        """Grid or list, groups, order, size of the cells."""
        self.goes_home()
        bar = self.window.library.view_bar
        bar.show_as(is_list=self.dice.random() < 0.4)
        self.thinks(200, 700)
        bar.group_by(self.dice.choice(GROUPS))
        self.thinks(200, 700)
        bar.resize_cells(self.dice.choice((-2, -1, 1, 2)))
        self.presses(Qt.Key.Key_A, CONTROL)
        self.thinks(300, 900)
        self.window.escape()

    def turns_back(self) -> None:
        """Undo and redo."""
        self.goes_home()
        for _ in range(self.dice.randint(1, 4)):
            if self._is_at_first():
                break
            self.presses(Qt.Key.Key_Z, CONTROL)
            self.thinks(150, 500)
        self.presses(Qt.Key.Key_Z, CONTROL | SHIFT)

    def resizes(self) -> None:
        """The window becomes another size."""
        self.window.resize(*self.dice.choice(((900, 600), (1280, 800), (1440, 900))))

    def changes_settings(self) -> None:
        """The theme or the language."""
        now = self.running.assistant.settings
        if self.dice.random() < 0.5:
            self._chooses(theme="light" if now.theme == "dark" else "dark")
        else:
            self._chooses(language="zh_CN" if now.language == "en" else "en")

    # ── rest ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def comes_to_rest(self) -> None:
        """The library as it was at first, seen as at first; nothing plays, nothing works. Raises NotSo after minutes."""
        assistant = self.running.assistant
        self.window.resize(1440, 900)
        # Another look lets go of what Qt keeps of each widget that was ever painted: seven kilobytes, as long as it lives.
        self._chooses(theme="light", language="en")
        self._chooses(theme="dark")
        self.goes_home()
        bar = self.window.library.view_bar
        bar.show_as(is_list=False)
        bar.group_by("")
        bar.slider.setValue(self._cell_width)  # Larger pictures take more memory.
        self._removes(self._own())
        self.window.library.grid.selection.clear()
        self.window.playback.load(None)
        self.waits(lambda: not self._own())
        self.waits(lambda: assistant.progress().done + assistant.progress().failed >= assistant.progress().total,
                   longest_ms=600_000)  # fmt: skip
        for file in self._folder.iterdir():
            file.unlink()  # No item is in the library any more that lies here.
        # What nobody asks for is let go of, and what is free goes back to the system once a minute: until then it is no
        # memory that the program keeps.
        let_pass(1500 * IDLE_S + 1000 * GIVES_BACK_S + 4000)

    def _chooses(self, **wishes: str) -> None:
        """On the page of the settings."""
        self.window.go(Place("settings"))
        page = self.window.page("settings")
        for setting, wish in wishes.items():
            box = getattr(page, setting)
            box.setCurrentIndex(box.findData(wish))
            self.thinks(300, 900)
            if getattr(self.running.assistant.settings, setting) != wish:
                raise NotSo

    def _is_at_first(self) -> bool:
        """Whether one more undo would take back what was there before the person came."""
        with self._late.aside():
            standing = (step for step in self.running.assistant.library.journal(60) if not step.is_undone)
            return next((step.group_id for step in standing), 0) <= self._first_step

    def _own(self) -> list[int]:
        """What was brought in since the beginning, oldest first."""
        with self._late.aside():
            return sorted(set(map(int, self.running.assistant.library.item_ids())) - self._stays)

    def _spoken(self) -> list[int]:
        """What has a transcript and stays."""
        library = self.running.assistant.library
        with self._late.aside():
            return [each for each in self._stays if any(one.sense is Sense.SAID for one in library.details(each).lines)]

    def _removes(self, item_ids: list[int]) -> None:
        if item_ids:
            actions.remove_items(self.running.desk, item_ids=item_ids, owner=self.window)
            self.thinks(200, 500)

    def _new_file(self) -> Path:
        """One that the library has not seen: another one's bytes with some more behind them, which no format minds."""
        source = self.dice.choice(self._ingredients)
        if source.stat().st_size > LARGE_FILE and self.dice.random() < 0.8:
            return self._new_file()
        self._made += 1
        file = self._folder / f"{source.stem} 新 {self._made}{source.suffix}"
        shutil.copyfile(source, file)
        with file.open("ab") as end:
            end.write(b" " * (1 + self._made % 4000) + str(self._made).encode())
        return file
