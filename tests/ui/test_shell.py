"""One window for a person: other starts are heard, libraries change in it, and what cannot be opened is said in it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from media_assistant import settings
from media_assistant.__main__ import _window_wish
from media_assistant.errors import UserFixable
from media_assistant.items.kind import Kind
from media_assistant.jobs import claim
from media_assistant.jobs.claim import claim_library
from media_assistant.library import drives
from media_assistant.library.item_store import NewItem
from media_assistant.library.library import Library
from media_assistant.paths import Paths, find_paths
from media_assistant.settings import Settings
from media_assistant.ui.main_window import MainWindow
from media_assistant.ui.startup.app import prepare_application
from media_assistant.ui.startup.file_events import FileEvents
from media_assistant.ui.startup.replaced import Replaced
from media_assistant.ui.startup.shell import Shell
from media_assistant.ui.startup.single import Door, Wish, door_name, hand_over
from tests.workflows.engine import wait_for

MOUNTS = Path("/proc/self/mountinfo")

LONG = 60_000
ROOT = Path(__file__).resolve().parents[2]
ASKS = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from media_assistant.paths import find_paths
from media_assistant.ui.startup.single import Wish, hand_over
application = QCoreApplication([])
sys.exit(0 if hand_over(find_paths(), Wish(tuple(map(Path, sys.argv[2:])), Path(sys.argv[1]))) else 5)
"""

AS_ON_WINDOWS = """
import ctypes, types
ctypes.windll = types.SimpleNamespace(user32=types.SimpleNamespace(AllowSetForegroundWindow=lambda *who: print(who)))
sys.platform = "win32"
"""


@pytest.fixture
def start(qtbot: QtBot, home: Path) -> Iterator[Callable[..., Shell]]:
    started: list[Shell] = []

    def start_it(library: Path | None = None, wish: Wish | None = None) -> Shell:
        shell = Shell(prepare_application(), find_paths(library), Settings(language="en", theme="dark"))
        started.append(shell)
        shell.start(wish or Wish())
        return shell

    yield start_it
    for shell in started:
        shell.close()


def is_whole(shell: Shell) -> bool:
    return shell.is_whole


def fill(library: Path, count: int) -> None:
    library.parent.mkdir(parents=True, exist_ok=True)
    opened = Library.open(library)
    opened.add_items([NewItem(Kind.TEXT, f"/nowhere/{at}.txt", f"{at}", 1, 1, f"{at:032}") for at in range(count)])
    opened.close()


def count_items(library: Path) -> int:
    """Of a library that a program has open, or is only making."""
    try:
        opened = Library.open(library, read_only=True)
    except UserFixable:
        return 0
    try:
        return len(opened.item_ids())
    finally:
        opened.close()


def windows() -> list[MainWindow]:
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow) and each.isVisible()]


def test_what_is_a_window_and_what_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    film, verb = tmp_path / "film.mp4", tmp_path / "list"
    film.touch()
    verb.touch()
    assert _window_wish([]) == (True, None, ())
    assert _window_wish(["film.mp4", "./list"]) == (True, None, (film, verb))
    assert _window_wish(["--library", "x.sqlite", str(film)]) == (True, Path("x.sqlite"), (film,))
    assert _window_wish(["--library=x.sqlite"]) == (True, Path("x.sqlite"), ())
    for words in (["list"], ["absent.mp4"], ["film.mp4", "--json"], ["--json", "list"], ["import", "film.mp4"]):
        assert not _window_wish(words)[0]
    # A program with a window on Windows has no terminal to say in that a file is gone: its window does.
    monkeypatch.setattr(sys, "platform", "win32")
    assert not _window_wish(["./absent.mp4"])[0]
    monkeypatch.setattr(sys, "stderr", None)
    assert _window_wish(["./absent.mp4"]) == (True, None, (tmp_path / "absent.mp4",))
    for words in (["list"], ["film.mp4", "--json"]):
        assert not _window_wish(words)[0]


def test_on_windows_the_window_that_runs_may_come_to_the_front(
    qtbot: QtBot, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)  # then the name alone leads to it here too
    door, heard = Door(find_paths()), []
    door.wished.connect(heard.append)
    assert door.open()
    asks = subprocess.Popen(
        [sys.executable, "-c", ASKS.replace("application =", AS_ON_WINDOWS + "application ="), "x.sqlite"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    qtbot.waitUntil(lambda: bool(heard), timeout=LONG)
    assert asks.communicate(timeout=30)[0] == "(-1,)\n" and asks.returncode == 0
    door.close()


def test_another_start_is_heard_and_a_stale_socket_is_replaced(qtbot: QtBot, home: Path) -> None:
    paths = find_paths()
    Path(door_name(paths)).parent.mkdir(parents=True, exist_ok=True)
    # What a killed program leaves behind.
    code = "import socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, door_name(paths)], check=True)
    assert not hand_over(paths, Wish())
    door, heard = Door(paths), []
    door.wished.connect(heard.append)
    assert door.open()
    wish = Wish((Path("/films/a b.mp4"), Path("/films/夜.mp4")), Path("/my/library.sqlite"))
    asks = subprocess.Popen([sys.executable, "-c", ASKS, str(wish.library), *map(str, wish.paths)], cwd=ROOT)
    qtbot.waitUntil(lambda: heard == [wish], timeout=LONG)
    assert asks.wait(30) == 0
    # A second window does not take the door away from the first.
    assert not Door(paths).open()
    door.close()
    assert not hand_over(paths, Wish())


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe has no owner to look at")
def test_nobody_elses_socket_is_told_what_is_opened(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths, mine = find_paths(), os.getuid()
    Path(door_name(paths)).parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as theirs:
        theirs.bind(door_name(paths))
        theirs.listen()
        theirs.setblocking(False)
        with monkeypatch.context() as other:
            other.setattr(os, "getuid", lambda: mine + 1)
            assert not hand_over(paths, Wish((Path("/films/secret.mp4"),)))
            assert not Door(paths)._is_answered()
            with pytest.raises(BlockingIOError):
                theirs.accept()
        assert Door(paths)._is_answered(), "one's own is spoken to"
    os.unlink(door_name(paths))


def test_of_two_that_start_at_once_the_second_waits_for_its_turn(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows says of what another has locked that it is not permitted."""
    answers: list[OSError | None] = [PermissionError(13, "Permission denied"), PermissionError(13, "again"), None]

    def lock(_file: object) -> None:
        if (answer := answers.pop(0)) is not None:
            raise answer

    monkeypatch.setattr(claim, "_lock", lock)
    turn = Door(find_paths())._take_turn()
    assert turn is not None and not answers
    turn.release()


def test_a_second_program_hands_its_file_over_and_the_first_ends_when_the_system_asks(
    home: Path, samples: Path
) -> None:
    command = [sys.executable, "-m", "media_assistant"]
    paths = find_paths()
    first = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_for(lambda: os.path.exists(door_name(paths)))
        second = subprocess.run([*command, str(samples / "night-sky.txt")], cwd=ROOT, timeout=60, check=False)
        assert second.returncode == 0
        assert first.poll() is None

        wait_for(lambda: count_items(paths.library) == 1)
        first.terminate()
        assert first.wait(60) == 0
        assert not os.path.exists(door_name(paths))
    finally:
        first.kill()
        first.wait()


def test_two_that_start_at_once_become_one_window(home: Path, samples: Path) -> None:
    command, library = [sys.executable, "-m", "media_assistant"], find_paths().library
    names = ("night-sky.txt", "lighthouse.md")
    started = [subprocess.Popen([*command, str(samples / name)], cwd=ROOT) for name in names]
    try:
        wait_for(lambda: any(each.poll() is not None for each in started))
        (gone,) = [each for each in started if each.poll() is not None]
        (stays,) = [each for each in started if each is not gone]
        assert gone.returncode == 0

        wait_for(lambda: count_items(library) == len(names))
        assert stays.poll() is None
        stays.terminate()
        assert stays.wait(60) == 0
    finally:
        for each in started:
            each.kill()
            each.wait()


def test_what_another_start_wants_in_the_first_second_waits_until_the_window_is_whole(
    qtbot: QtBot, start: Callable[..., Shell], opened: list[tuple[str, list[str]]], tmp_path: Path
) -> None:
    other = tmp_path / "other.sqlite"
    shell = start(wish=Wish((tmp_path / "first.mp4",)))
    qtbot.waitUntil(lambda: os.path.exists(door_name(find_paths())), timeout=LONG)
    assert not is_whole(shell)
    shell.take(Wish((tmp_path / "second.mp4",)))
    shell.take(Wish((tmp_path / "third.mp4",), other))
    qtbot.waitUntil(lambda: shell.opening.paths.library == other and is_whole(shell), timeout=LONG)
    assert opened == [("library", ["first.mp4", "second.mp4"]), ("other", ["third.mp4"])]


def test_files_that_the_system_hands_over_one_by_one_are_one_wish(qtbot: QtBot, tmp_path: Path) -> None:
    application, heard = prepare_application(), []
    events = FileEvents(application)
    events.wished.connect(heard.append)
    files = (tmp_path / "a b.mp4", tmp_path / "夜.mp4")
    for file in files:
        QApplication.sendEvent(application, QFileOpenEvent(str(file)))
    qtbot.waitUntil(lambda: heard == [Wish(files)], timeout=LONG)
    application.removeEventFilter(events)
    events.deleteLater()


def test_a_version_that_was_installed_over_this_one_is_told_once(
    qtbot: QtBot, start: Callable[..., Shell], tmp_path: Path
) -> None:
    program, other = tmp_path / "media-assistant", tmp_path / "newer"
    program.write_text("1")
    other.write_text("2")
    shell = start()
    qtbot.waitUntil(lambda: is_whole(shell), timeout=LONG)
    application, found = prepare_application(), []
    watch = Replaced(application, str(program))
    watch.found.connect(lambda: found.append(True))
    watch.found.connect(shell.tell_replaced)
    front = Qt.ApplicationState.ApplicationActive
    application.applicationStateChanged.emit(front)
    assert not found
    program.unlink()
    application.applicationStateChanged.emit(front)
    assert not found, "it is on its way"
    other.replace(program)
    for state in (Qt.ApplicationState.ApplicationInactive, front, front):
        application.applicationStateChanged.emit(state)
    assert found == [True]
    notice = shell.opening.running.desk.notices.text
    assert notice == shell.opening.running.desk.words.say("ui.replaced") and "start it again" in notice
    watch.deleteLater()


def test_a_file_from_another_program_is_brought_in_shown_and_played(
    qtbot: QtBot, start: Callable[..., Shell], samples: Path
) -> None:
    shell = start(wish=Wish((samples / "waves.ogg",)))
    qtbot.waitUntil(lambda: is_whole(shell), timeout=LONG)
    qtbot.waitUntil(lambda: shell.window.is_playing_large, timeout=LONG)
    qtbot.waitUntil(lambda: shell.window.playback.is_playing, timeout=LONG)
    shell.take(Wish((samples / "lighthouse.md",)))
    qtbot.waitUntil(shell.window.player.stage.reader.isVisible, timeout=LONG)


def test_another_library_takes_the_place_of_this_one(
    qtbot: QtBot, start: Callable[..., Shell], home: Path, tmp_path: Path
) -> None:
    one, two = find_paths().library, tmp_path / "holidays.sqlite"
    fill(one, 3)
    fill(two, 5)
    shell = start()
    qtbot.waitUntil(lambda: is_whole(shell), timeout=LONG)
    shell.window.setGeometry(40, 30, 1000, 700)
    before = shell.window
    before.sidebar.brand.library_wanted.emit(two)
    qtbot.waitUntil(lambda: shell.window is not before, timeout=LONG)
    qtbot.waitUntil(lambda: shell.window.library.items.rowCount() == 5, timeout=LONG)
    qtbot.waitUntil(lambda: windows() == [shell.window], timeout=LONG)
    assert shell.window.geometry().getRect() == (40, 30, 1000, 700)
    # The first one is free again, and both are remembered.
    qtbot.waitUntil(lambda: is_free(one), timeout=LONG)
    assert shell.opening.running.assistant.settings.recent_libraries == (str(two), str(one))
    qtbot.waitUntil(
        lambda: settings.load(find_paths().config / "settings.json").recent_libraries[:1] == (str(two),), timeout=LONG
    )
    menu = shell.window.sidebar.brand.menu_now()
    assert [action.text() for action in menu.actions() if action.isCheckable()] == ["holidays", "library"]
    menu.close()
    # There and back at once: what still closes is waited for.
    shell.switch(one)
    leaving = shell.opening.running.assistant
    leaving.set_settings(leaving.settings._replace(on_battery="rest"))
    qtbot.waitUntil(lambda: shell.window.library.items.rowCount() == 3, timeout=LONG)
    assert shell.opening.running.assistant.settings.on_battery == "rest", "what is chosen meanwhile is not lost"
    shell.switch(two)
    qtbot.waitUntil(lambda: shell.window.library.items.rowCount() == 5 and is_whole(shell), timeout=LONG)
    # One that cannot be opened changes nothing.
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"no library at all " * 100)
    here = shell.window
    shell.switch(broken)
    qtbot.waitUntil(lambda: "broken.sqlite" in shell.opening.running.desk.notices.text, timeout=LONG)
    assert shell.window is here
    assert windows() == [here]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """Which files were opened in which library."""
    found: list[tuple[str, list[str]]] = []

    def note(window: MainWindow, paths: list[Path]) -> None:
        found.append((window.desk.assistant.paths.library.stem, [path.name for path in paths]))

    monkeypatch.setattr(MainWindow, "open_paths", note)
    return found


def test_a_file_for_a_library_that_cannot_be_opened_comes_into_no_other(
    qtbot: QtBot, start: Callable[..., Shell], opened: list[tuple[str, list[str]]], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"no library at all " * 100)
    shell = start()
    qtbot.waitUntil(lambda: is_whole(shell), timeout=LONG)
    notices = shell.opening.running.desk.notices
    shell.take(Wish((tmp_path / "film.mp4",), broken))
    qtbot.waitUntil(lambda: "“film.mp4” was not opened" in notices.text, timeout=LONG)
    assert "broken.sqlite" in notices.text, "and why"
    shell.take(Wish((tmp_path / "song.ogg",)))
    assert opened == [("library", ["song.ogg"])]
    shell.take(Wish((tmp_path / "a.mp4", tmp_path / "b.mp4"), broken))
    qtbot.waitUntil(lambda: "2 files were not opened" in notices.text, timeout=LONG)
    assert len(opened) == 1


def test_files_wait_for_their_own_library_whatever_is_opened_meanwhile(
    qtbot: QtBot, start: Callable[..., Shell], opened: list[tuple[str, list[str]]], tmp_path: Path
) -> None:
    two, three = tmp_path / "two.sqlite", tmp_path / "three.sqlite"
    shell = start()
    qtbot.waitUntil(lambda: is_whole(shell), timeout=LONG)
    shell.take(Wish((tmp_path / "for two.mp4",), two))
    shell.take(Wish((tmp_path / "for any.mp4",)))
    assert opened == [("library", ["for any.mp4"])], "the one that the person looks at"
    # It was answered that this is taken, too.
    shell.take(Wish((tmp_path / "for three.mp4",), three))
    qtbot.waitUntil(lambda: shell.opening.paths.library == three and is_whole(shell), timeout=LONG)
    assert opened[1:] == [("two", ["for two.mp4"]), ("three", ["for three.mp4"])]
    qtbot.waitUntil(lambda: windows() == [shell.window], timeout=LONG)


def test_at_the_gate_a_file_without_a_library_goes_along_and_one_with_a_library_does_not(
    qtbot: QtBot, start: Callable[..., Shell], opened: list[tuple[str, list[str]]], tmp_path: Path
) -> None:
    paths, other = find_paths(), tmp_path / "other.sqlite"
    fill(paths.library, 1)
    fill(other, 2)
    claim = claim_library(paths.library)
    shell = start(wish=Wish((tmp_path / "any.mp4",)))
    qtbot.waitUntil(lambda: shell.gate is not None, timeout=LONG)
    shell.take(Wish((tmp_path / "named.mp4",), paths.library))
    shell.gate.chosen.emit(other)
    qtbot.waitUntil(lambda: is_whole(shell) and shell.opening.paths.library == other, timeout=LONG)
    assert opened == [("other", ["any.mp4"])]
    assert "“named.mp4” was not opened" in shell.opening.running.desk.notices.text
    claim.release()


def is_free(library: Path) -> bool:
    try:
        claim_library(library).release()
    except UserFixable:
        return False
    return True


def test_a_library_that_another_program_has_is_said_in_the_window(
    qtbot: QtBot, start: Callable[..., Shell], home: Path, tmp_path: Path
) -> None:
    paths = find_paths()
    fill(paths.library, 3)
    claim = claim_library(paths.library)
    shell = start()
    qtbot.waitUntil(lambda: shell.gate is not None, timeout=LONG)
    assert shell.window.isVisible()
    assert QApplication.activeModalWidget() is None
    assert not [each for each in QApplication.topLevelWidgets() if isinstance(each, QMessageBox)]
    assert set(shell.gate.buttons) == {"again", "read_only", "another", "new"}
    assert shell.gate.geometry() == shell.window.rect()
    # Still taken: said again. Looked at all the same.
    first = shell.gate
    qtbot.mouseClick(shell.gate.buttons["again"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shell.gate is not None and shell.gate is not first, timeout=LONG)
    qtbot.mouseClick(shell.gate.buttons["read_only"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: is_whole(shell), timeout=LONG)
    assert shell.gate is None
    qtbot.waitUntil(lambda: shell.window.library.items.rowCount() == 3, timeout=LONG)
    assert shell.opening.running.assistant.library.is_read_only
    assert "read-only" in shell.opening.running.desk.notices.text
    claim.release()


@pytest.mark.skipif(not MOUNTS.exists(), reason="what Linux says of its drives")
def test_a_library_on_a_network_drive_is_told_of(
    qtbot: QtBot, start: Callable[..., Shell], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(find_paths().library, 1)
    kinds = drives._kinds_on_linux(MOUNTS.read_bytes())
    if not any(drives._is_below(os.fsencode(find_paths().library), where) for where, _ in kinds):
        pytest.skip("the system does not tell what this disk is")
    # This very disk counts as another computer's: whatever kind the system says that it is.
    monkeypatch.setattr(drives, "_NETWORK", {kind for _, kind in kinds})
    shell = start()
    qtbot.waitUntil(lambda: is_whole(shell), timeout=LONG)
    desk = shell.opening.running.desk
    assert "lies on a network drive" in desk.notices.text
    desk.words.speak("zh_CN")
    assert "位于网络驱动器上" in desk.words.say("ui.libraries.on_network")


def test_settings_with_a_typo_are_told_of_once_and_kept(qtbot: QtBot, home: Path) -> None:
    paths = find_paths()
    file = paths.config / "settings.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"language": "en", "theme": "dark",}')
    for is_told in (True, False):
        shell = Shell(prepare_application(), paths, settings.load(file)._replace(language="en"))
        shell.start(Wish())
        qtbot.waitUntil(lambda shell=shell: is_whole(shell), timeout=LONG)
        said = shell.opening.running.desk.notices.text
        shell.close()
        assert ("could not be read" in said and "settings.broken.json" in said) is is_told
    assert (paths.config / "settings.broken.json").read_text().endswith(",}")
    assert settings.load(file).recent_libraries == (str(paths.library),)


def test_the_library_is_taken_as_soon_as_it_is_free(qtbot: QtBot, start: Callable[..., Shell], home: Path) -> None:
    claim = claim_library(find_paths().library)
    shell = start()
    qtbot.waitUntil(lambda: shell.gate is not None, timeout=LONG)
    claim.release()
    qtbot.keyClick(shell.gate.buttons["again"], Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: is_whole(shell), timeout=LONG)
    assert not shell.opening.running.assistant.library.is_read_only


def test_the_gate_leads_to_another_library(
    qtbot: QtBot, start: Callable[..., Shell], home: Path, tmp_path: Path
) -> None:
    paths = find_paths()
    other = tmp_path / "other.sqlite"
    fill(other, 2)
    claim = claim_library(paths.library)
    shell = start()
    qtbot.waitUntil(lambda: shell.gate is not None, timeout=LONG)
    shell.gate.chosen.emit(other)
    qtbot.waitUntil(lambda: is_whole(shell) and shell.window.library.items.rowCount() == 2, timeout=LONG)
    qtbot.waitUntil(lambda: windows() == [shell.window], timeout=LONG)
    claim.release()


def test_closing_in_the_middle_of_everything(qtbot: QtBot, home: Path, tmp_path: Path) -> None:
    shell = Shell(prepare_application(), find_paths(), Settings(language="en", theme="dark"))
    shell.start(Wish())
    shell.close()
    fill(tmp_path / "b.sqlite", 1)
    shell = Shell(prepare_application(), find_paths(), Settings(language="en", theme="dark"))
    shell.start(Wish())
    qtbot.waitUntil(lambda: is_whole(shell), timeout=LONG)
    shell.switch(tmp_path / "b.sqlite")
    shell.close()
    assert is_free(find_paths().library)
    assert is_free(tmp_path / "b.sqlite")
    assert isinstance(shell, QObject)


def test_paths_stay(home: Path) -> None:
    paths: Paths = find_paths()
    assert door_name(paths) == door_name(find_paths(home / "other.sqlite"))
