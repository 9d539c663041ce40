"""The ten minutes of the README in the real window, with the mouse and the keys of a person who has read nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from media_assistant.items.tag import TagState
from media_assistant.items.transcript import PERSON
from media_assistant.ui.startup.running import Running
from media_assistant.ui.widgets.tags.chip import TagChip
from media_assistant.ui.widgets.transcript.view import TranscriptView
from tests.e2e.understanding import fingerprints
from tests.ui.person import CONTROL, Person

Opener = Callable[..., Running]
Drop = Callable[..., None]


@pytest.fixture
def person(qtbot: QtBot, open_window: Opener) -> Callable[[], Person]:
    """Sits down before a new window."""
    return lambda: Person(qtbot, open_window(size=(1440, 900)))


@pytest.fixture
def own_samples(samples: Path, tmp_path: Path) -> Iterator[Path]:
    """The samples in a folder of the person's own; not a byte of it may change."""
    folder = Path(shutil.copytree(samples, tmp_path / "my media", ignore=shutil.ignore_patterns("truth.json")))
    before = fingerprints(folder)
    yield folder
    assert fingerprints(folder) == before


@pytest.mark.timeout(600)  # a slow machine understands for minutes, and says what it waits for
def test_ten_minutes_with_what_the_program_brings_along(
    person: Callable[[], Person], drop: Drop, own_samples: Path
) -> None:
    someone = person()
    window, library = someone.window, someone.library
    someone.waits(lambda: someone.sees("Drop videos, audio, texts or photos here"))
    assert someone.sees("Files stay where they are and are never changed.")
    drop(someone.running, own_samples)
    someone.understands(files=9)

    # Typed: in both languages, across both, and what is not there.
    someone.asks("lighthouse")
    someone.waits(lambda: {"lighthouse", "journey", "灯塔与大海"} <= set(someone.titles()))
    someone.asks("月亮")
    someone.waits(lambda: "journey" in someone.titles() and "lighthouse" not in someone.titles())
    someone.asks("xylophone quartet")
    someone.waits(lambda: someone.sees("Nothing fits “xylophone quartet”"))

    # Clicked: it plays from that second; then large, with the keys of an editor.
    someone.asks('"city lights"')
    someone.waits(lambda: someone.titles()[:1] == ["journey"])
    playback = window.playback
    someone.clicks_item("journey")
    someone.waits(lambda: playback.position_ms >= 11_000)
    someone.presses(Qt.Key.Key_Return)
    someone.waits(lambda: window.is_playing_large and window.player.is_shown(window.player.item_id))
    someone.waits(lambda: someone.sees('for “"city lights"”'))
    someone.presses(Qt.Key.Key_Space)
    someone.waits(lambda: not playback.is_playing)
    for key, second in ((Qt.Key.Key_0, 0), (Qt.Key.Key_Right, 5), (Qt.Key.Key_5, 10), (Qt.Key.Key_Left, 5)):
        someone.presses(key)
        someone.waits(lambda second=second: abs(playback.position_ms - 1000 * second) < 400)
    someone.presses(Qt.Key.Key_N)
    someone.waits(lambda: playback.is_playing and playback.position_ms >= 11_000)
    someone.presses(Qt.Key.Key_Escape)
    assert not window.is_playing_large

    # Decided, from the keyboard.
    someone.presses(Qt.Key.Key_R, CONTROL)
    review = window.page("review")
    for at, key in enumerate((Qt.Key.Key_A, Qt.Key.Key_A, Qt.Key.Key_X, Qt.Key.Key_A)):
        someone.waits(lambda at=at: review.progress_text.text().startswith(f"{at + 1} of "))
        someone.waits(lambda: someone.sees("Is this “"))
        someone.presses(key)
    someone.waits(lambda: len(someone.decided(TagState.ACCEPTED)) == 3)
    assert len(someone.decided(TagState.REJECTED)) == 1

    # Compared: across languages, with a reason.
    someone.goes(window.sidebar.kinds, "Texts")
    someone.asks("")
    someone.presses(Qt.Key.Key_Escape)
    someone.clicks_item("lighthouse")
    tabs = window.inspector.tabs
    someone.waits(lambda: tabs.bar.isVisible() and window.inspector.item_id)
    (similar,) = [at for at in range(tabs.bar.count()) if tabs.bar.tabText(at) == "Similar"]
    someone.clicks(tabs.bar, tabs.bar.tabRect(similar).center())
    someone.waits(lambda: tabs.similar.rows)
    best = tabs.similar.rows[0]
    assert best.item.title == "灯塔与大海" and len(best.accessibleDescription()) > 10
    someone.clicks(best)
    someone.waits(lambda: window.inspector.item_id == best.item.id)

    # Gathered: by hand, and by a search that is kept.
    section = window.sidebar.collections
    someone.clicks(section.new_button)
    someone.waits(lambda: section.list.is_renaming)
    someone.types("海边")
    someone.presses(Qt.Key.Key_Return)
    someone.waits(lambda: [each.name for each in library.collections()] == ["海边"] and not section.list.is_renaming)
    rows = section.list.model()
    someone.waits(lambda: rows.index(0, 0).data() == "海边")
    row = section.list.visualRect(rows.index(0, 0))
    someone.drags("lighthouse", section.list.viewport(), row.center())
    someone.waits(lambda: someone.sees("Added to “海边”."))
    (collection,) = library.collections()
    assert [item.title for item in library.items(library.collection_items(collection.id))] == ["lighthouse"]
    someone.asks("star")
    someone.clicks(window.library.search.keep_button)
    someone.waits(lambda: section.list.is_renaming)
    someone.presses(Qt.Key.Key_Return)
    someone.waits(lambda: len(library.collections()) == 2 and not section.list.is_renaming)
    someone.goes(section.list, "海边")

    # The networks that could be added, with their size and licence.
    someone.goes(window.sidebar.foot, "Models")
    someone.waits(lambda: someone.sees("How fast is this computer?") and someone.sees("Download "))


@pytest.mark.timeout(600)  # a slow machine understands for minutes, and says what it waits for
def test_a_sentence_in_a_film_of_ones_own(
    person: Callable[[], Person], drop: Drop, material: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIA_ASSISTANT_MODELS", str(material / "models"))
    folder = tmp_path / "my films"
    folder.mkdir()
    film = Path(shutil.copy(material / "media" / "videos" / "slides_speech_0.mp4", folder / "数字 numbers.mp4"))
    before = fingerprints(folder)
    someone = person()
    window, library = someone.window, someone.library
    someone.waits(window.library.first_run.isVisible)
    drop(someone.running, film)
    someone.understands(files=1)
    (item_id,) = library.item_ids()

    # Found by what is said, and heard from there.
    someone.asks('said:"six seven"')
    someone.waits(lambda: window.library.answer is not None and someone.titles() == [film.stem])
    said_ms = window.library.items.hit(item_id).moments[0].span.start_ms
    someone.clicks_item(film.stem)
    someone.waits(lambda: window.playback.is_playing and said_ms <= window.playback.position_ms <= said_ms + 5000)

    # A wrong word: a double click on it, and another one typed.
    someone.presses(Qt.Key.Key_Return)
    someone.waits(lambda: window.is_playing_large and window.player.is_shown(item_id))
    view: TranscriptView = window.player.tabs.transcript
    row, wanted = someone.corrects(view, "seven", "eleven")
    someone.waits(lambda: library.details(item_id).lines[row].text == wanted)
    assert library.details(item_id).lines[row].source == PERSON
    someone.waits(lambda: someone.sees("corrected"))

    # Subtitles, beside the film.
    someone.clicks(view.export)
    someone.chooses(view.export.menu(), "Save beside the file", "Subtitles (.srt)")
    written = film.with_suffix(".en.srt")
    someone.waits(written.is_file)
    assert wanted in written.read_text("utf-8")

    # Three tags kept and one refused, chip by chip.
    tabs = window.player.tabs
    (at,) = [at for at in range(tabs.bar.count()) if tabs.bar.tabText(at) == "Tags"]
    someone.clicks(tabs.bar, tabs.bar.tabRect(at).center())
    someone.waits(lambda: len(tabs.tags.chips) >= 4)
    someone.clicks(tabs.tags.chips[0], QPoint(14, 12))
    someone.waits(lambda: someone.sees("Why “"))
    someone.waits(lambda: isinstance(QApplication.focusWidget(), TagChip))
    for count, key in enumerate((Qt.Key.Key_A, Qt.Key.Key_A, Qt.Key.Key_A, Qt.Key.Key_R)):
        if count:
            someone.presses(Qt.Key.Key_Right)
        someone.presses(key)
        state = TagState.ACCEPTED if key is Qt.Key.Key_A else TagState.REJECTED
        expected = min(count + 1, 3) if key is Qt.Key.Key_A else 1
        someone.waits(lambda state=state, expected=expected: len(someone.decided(state)) == expected)
        someone.waits(lambda: isinstance(QApplication.focusWidget(), TagChip))

    written.unlink()
    assert fingerprints(folder) == before
