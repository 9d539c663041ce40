"""Real films through the window's player: the picture that belongs to a time is the one that comes, whoever decodes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QAudioDevice, QAudioOutput, QMediaDevices
from pytestqt.qtbot import QtBot

from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.media.probe import examine
from media_assistant.ui.playback import qt_player
from media_assistant.ui.playback.own_player import OwnPlayer
from media_assistant.ui.playback.playback import Loop, Playback
from media_assistant.ui.playback.qt_player import QtPlayer
from media_assistant.ui.playback.sound_card import BYTES_A_MS, SoundCard
from media_assistant.workflows.playback.streaming import Streams
from tests.films import make_film, make_sound, read_number

LONG = 60_000
RATE = 25
PICTURE_MS = 1000 / RATE
CODECS = ("h264", "vp9", "av1")


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A film of four seconds in each codec, made when first asked for."""
    folder = tmp_path_factory.mktemp("films")

    def film(codec: str) -> Path:
        path = folder / f"{codec}{'.webm' if codec == 'vp9' else '.mp4'}"
        return path if path.exists() else make_film(path, codec, rate=RATE)

    return film


class Watched:
    """A player, and the numbers of the pictures that came."""

    def __init__(self, playback: Playback) -> None:
        self.playback = playback
        self.numbers: list[int] = []
        self.at: list[tuple[int, int]] = []
        self.said: list[str] = []
        playback.framed.connect(self._take)
        playback.troubled.connect(lambda sentence: self.said.append(sentence.code))

    def _take(self, image: QImage) -> None:
        number = number_of(image)
        self.numbers.append(number)
        self.at.append((number, self.playback.position_ms))

    @property
    def newest(self) -> int:
        return self.numbers[-1] if self.numbers else -2


def number_of(image: QImage) -> int:
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return read_number(rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3))


def item_of(path: Path, number: int = 1, kind: Kind = Kind.VIDEO) -> Item:
    probed = examine(path, kind)
    return Item(number, probed.kind, str(path), path.name, path.stat().st_size, "", probed.facts)


@pytest.fixture
def watched(qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    # On a starved machine Qt's first picture takes its time; no film here is one that it cannot show and does not say so.
    monkeypatch.setattr(qt_player, "NO_PICTURE_AFTER_MS", LONG)
    streams = Streams(tmp_path)
    playback = Playback(lambda: streams)
    playback.set_muted(is_muted=True)
    yield Watched(playback)
    playback.close()
    streams.close()


@pytest.mark.parametrize("codec", CODECS)
def test_jumps_and_steps_show_exactly_their_picture(
    qtbot: QtBot, watched: Watched, films: Callable[[str], Path], codec: str
) -> None:
    playback = watched.playback
    playback.load(item_of(films(codec)))
    qtbot.waitUntil(lambda: watched.newest == 0, timeout=LONG)
    assert playback.is_own is (codec == "av1")
    edge = ((1960, 49), (2000, 50), (1959, 48)) if codec != "vp9" else ()  # there pictures begin 7 ms later
    for ms, number in (*edge, (2012, 50), (1985, 49), (3985, 99), (20, 0), (1234, 30)):
        playback.seek(ms)
        qtbot.waitUntil(lambda number=number: watched.newest == number, timeout=LONG)
        start_ms, end_ms = playback._frame_span or (0, 0)
        assert start_ms - 1 <= ms <= end_ms + 1
        assert not playback.is_playing
    for frames, number in ((1, 31), (1, 32), (3, 35), (-1, 34), (-2, 32), (1, 33)):
        playback.step(frames)
        qtbot.waitUntil(lambda number=number: watched.newest == number, timeout=LONG)
    watched.numbers.clear()
    for _ in range(6):
        playback.step(1)  # faster than pictures can come: none is passed over
    qtbot.waitUntil(lambda: watched.newest == 39, timeout=LONG)
    assert watched.numbers == list(range(34, 40))


@pytest.mark.parametrize("codec", CODECS)
def test_what_plays_is_in_step_with_its_time(
    qtbot: QtBot, watched: Watched, films: Callable[[str], Path], codec: str
) -> None:
    playback = watched.playback
    playback.load(item_of(films(codec)))
    qtbot.waitUntil(lambda: watched.newest == 0, timeout=LONG)
    playback.seek(1010)
    qtbot.waitUntil(lambda: watched.newest == 25, timeout=LONG)
    watched.numbers.clear()
    watched.at.clear()
    playback.play()
    # A machine that stalls shows a picture late, and then one in time again; none is ever shown before its time.
    qtbot.waitUntil(
        lambda: (
            playback.position_ms > 2000
            and len(watched.numbers) >= 5
            and abs(playback.position_ms - watched.newest * PICTURE_MS) <= 3 * PICTURE_MS
        ),
        timeout=LONG,
    )
    playback.pause()
    assert watched.numbers == sorted(watched.numbers)
    if playback.is_own:  # Qt tells its position in steps of its own
        late_ms = [ms - number * PICTURE_MS for number, ms in watched.at]
        assert min(late_ms) >= -PICTURE_MS
        assert min(map(abs, late_ms)) <= PICTURE_MS
    for rate in (4.0, 0.5):
        playback.seek(1000)
        playback.set_rate(rate)
        playback.play()
        qtbot.waitUntil(lambda: playback.position_ms > 1200, timeout=LONG)
        assert playback.rate == rate
        playback.pause()


class GivenCard(SoundCard):
    """Hears at once what it is given, and knows of no other time."""

    is_there = True

    @property
    def heard_ms(self) -> float:
        return self._put_ms

    def feed(self) -> int:
        taken = len(self._pieces)
        self._put_ms += sum(map(len, self._pieces)) / BYTES_A_MS
        self._pieces.clear()
        return taken

    def play(self) -> None:
        """There is nothing to open."""


@pytest.mark.parametrize("start_ms", [0, 1400])
def test_a_film_goes_on_where_its_sound_is_over(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start_ms: int
) -> None:
    monkeypatch.setattr("media_assistant.ui.playback.own_player.SoundCard", GivenCard)
    film = make_film(tmp_path / "film.mkv", seconds=2, rate=RATE, heard_s=(0, 0.5))
    streams = Streams(tmp_path)
    player = OwnPlayer(lambda: streams)
    try:
        player.open(item_of(film), start_ms=start_ms)
        qtbot.waitUntil(lambda: player.is_settled, timeout=LONG)
        with qtbot.waitSignal(player.ended, timeout=LONG):
            player.play()
        assert player.position_ms >= 1960
    finally:
        player.close()
        streams.close()


@pytest.mark.parametrize("codec", ["h264", "av1"])
def test_a_loop_goes_round(qtbot: QtBot, watched: Watched, films: Callable[[str], Path], codec: str) -> None:
    playback = watched.playback
    playback.load(item_of(films(codec)))
    qtbot.waitUntil(lambda: watched.newest == 0, timeout=LONG)
    playback.seek(1000)
    qtbot.waitUntil(lambda: watched.newest == 25, timeout=LONG)
    watched.numbers.clear()
    playback.set_loop(Loop(1000, 1400))
    playback.play()

    def rounds() -> int:
        """Those that ended where they should: a window that stalls goes back late, and then in time again."""
        return sum(1 for one, two in pairwise(watched.numbers) if two < one <= 37)

    qtbot.waitUntil(lambda: rounds() >= 2, timeout=LONG)
    assert min(watched.numbers) >= 24
    playback.set_loop(None)
    qtbot.waitUntil(lambda: watched.newest > 60, timeout=LONG)


def test_a_loop_of_nothing_is_a_short_one(qtbot: QtBot, watched: Watched, films: Callable[[str], Path]) -> None:
    playback = watched.playback
    playback.load(item_of(films("h264")))
    qtbot.waitUntil(lambda: watched.newest == 0, timeout=LONG)
    playback.seek(1000)
    qtbot.waitUntil(lambda: watched.newest == 25, timeout=LONG)
    playback.set_rate(8.0)
    playback.set_loop(Loop(1000, 1001))
    assert playback.loop == Loop(1000, 1200)
    with qtbot.captureExceptions() as faults:
        playback.play()
        qtbot.wait(1500)
    assert not faults
    qtbot.waitUntil(lambda: 900 <= playback.position_ms <= 1700, timeout=LONG)


@pytest.mark.parametrize("codec", ["h264", "av1"])
def test_backwards_and_to_the_end(qtbot: QtBot, watched: Watched, films: Callable[[str], Path], codec: str) -> None:
    playback = watched.playback
    playback.load(item_of(films(codec)))
    qtbot.waitUntil(lambda: watched.newest == 0, timeout=LONG)
    playback.seek(2000)
    qtbot.waitUntil(lambda: watched.newest == 50, timeout=LONG)
    watched.numbers.clear()
    playback.shuttle(-1)
    playback.shuttle(-1)
    assert playback.rate == -2.0
    qtbot.waitUntil(lambda: 0 <= watched.newest < 35, timeout=LONG)
    assert watched.numbers == sorted(watched.numbers, reverse=True)
    playback.shuttle(1)
    assert not playback.is_playing
    playback.seek(3800)
    qtbot.waitUntil(lambda: watched.newest == 95, timeout=LONG)
    playback.play()
    qtbot.waitUntil(lambda: not playback.is_playing, timeout=LONG)
    qtbot.waitUntil(lambda: watched.newest >= 97, timeout=LONG)  # late ones are left out
    watched.numbers.clear()
    playback.toggle()
    qtbot.waitUntil(lambda: len(set(watched.numbers)) >= 2 and min(watched.numbers) < 60, timeout=LONG)


def test_the_next_film_of_an_unknown_codec_is_ours_at_once(
    qtbot: QtBot, watched: Watched, films: Callable[[str], Path]
) -> None:
    playback = watched.playback
    playback.load(item_of(films("av1"), 1))
    qtbot.waitUntil(lambda: playback.is_own and watched.newest == 0, timeout=LONG)
    playback.load(item_of(films("h264"), 2))
    assert not playback.is_own
    playback.load(item_of(films("av1"), 3))
    assert playback.is_own
    watched.numbers.clear()
    qtbot.waitUntil(lambda: watched.newest == 0, timeout=LONG)


def test_a_worker_that_dies_is_a_sentence_and_play_goes_on(
    qtbot: QtBot, watched: Watched, films: Callable[[str], Path]
) -> None:
    playback = watched.playback
    playback.load(item_of(films("av1")))
    qtbot.waitUntil(lambda: watched.newest == 0, timeout=LONG)
    playback.seek(2000)
    qtbot.waitUntil(lambda: watched.newest == 50, timeout=LONG)
    pid = playback._own._streams()._worker.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: watched.said == ["error.media.player_died"], timeout=LONG)
    assert not playback.is_playing
    assert playback.position_ms == 2000
    watched.numbers.clear()
    playback.play()
    qtbot.waitUntil(lambda: watched.newest > 52, timeout=LONG)
    assert min(watched.numbers) >= 50


def test_a_file_that_is_gone_or_broken_is_a_sentence(
    qtbot: QtBot, watched: Watched, films: Callable[[str], Path], tmp_path: Path
) -> None:
    gone = tmp_path / "gone.mp4"
    gone.write_bytes(films("h264").read_bytes())
    item = item_of(gone)
    gone.unlink()
    watched.playback.load(item)
    qtbot.waitUntil(lambda: watched.said == ["error.media.vanished"], timeout=LONG)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(films("h264").read_bytes()[:40_000])
    watched.playback.load(Item(2, Kind.VIDEO, str(broken), "broken", 1, "", item.facts))
    qtbot.waitUntil(lambda: watched.said[1:] == ["error.media.damaged"], timeout=LONG)
    # Nothing was learned about the codec from that.
    watched.playback.load(item_of(films("h264"), 3))
    assert not watched.playback.is_own


def test_a_film_without_a_length_plays_to_its_end(qtbot: QtBot, watched: Watched, tmp_path: Path) -> None:
    """A stream as a browser records it, no length in its head, no index; and nobody found its length when it came."""
    path = make_film(tmp_path / "live.webm", "vp9", seconds=1.2, rate=Fraction(RATE), container_options={"live": "1"})
    item = item_of(path)
    item = item._replace(facts=item.facts._replace(duration_ms=0))
    ended: list[bool] = []
    watched.playback.ended.connect(lambda: ended.append(True))
    for _ in range(10):  # a window that stalls for all of it sees nothing of it but the end
        watched.playback.load(None)
        watched.numbers.clear()
        ended.clear()
        watched.playback.load(item)
        qtbot.waitUntil(lambda: watched.newest == 0, timeout=LONG)
        watched.playback.play()
        qtbot.waitUntil(lambda: bool(ended) and not watched.playback.is_playing, timeout=LONG)
        assert watched.playback.position_ms <= watched.playback.duration_ms, "however late its end was seen"
        if watched.newest >= 25:
            break
    assert watched.newest >= 25


def test_sound_alone_plays_and_jumps(qtbot: QtBot, watched: Watched, tmp_path: Path) -> None:
    playback = watched.playback
    playback.load(item_of(make_sound(tmp_path / "tone.flac"), kind=Kind.MUSIC))
    playback.seek(2500)
    playback.play()
    qtbot.waitUntil(lambda: playback.position_ms > 2700, timeout=LONG)
    playback.pause()
    assert not watched.said
    assert not playback.is_own


def test_sound_goes_to_the_device_that_is_the_usual_one_now(qapp: object, monkeypatch: pytest.MonkeyPatch) -> None:
    turned_to: list[QAudioDevice] = []

    class Output(QAudioOutput):
        def setDevice(self, device: QAudioDevice) -> None:  # noqa: N802 - Qt's own
            turned_to.append(device)
            super().setDevice(device)

    monkeypatch.setattr("media_assistant.ui.playback.qt_player.QAudioOutput", Output)
    player = QtPlayer()
    player._devices.audioOutputsChanged.emit()
    player.close()
    assert turned_to == [QMediaDevices.defaultAudioOutput()]


def test_what_is_asked_of_a_file_whose_drive_is_slow_is_done_when_it_answers(
    qtbot: QtBot, films: Callable[[str], Path]
) -> None:
    answers: list[Callable[[], None]] = []
    player = QtPlayer(reach=lambda _path, reached: answers.append(reached))
    numbers: list[int] = []
    player.framed.connect(lambda image, _start, _end: numbers.append(number_of(image)))
    first, second = item_of(films("h264"), 1), item_of(films("vp9"), 2)
    player.open(first)
    player.play()
    player.open(second)
    player.set_rate(2.0)
    player.seek(2012)
    player.play()
    player.pause()
    assert not player.is_playing and player.position_ms == 2012
    answers[0]()
    qtbot.wait(200)
    assert not numbers, "the first one is not wanted any more"
    answers[1]()
    qtbot.waitUntil(lambda: numbers[-1:] == [50], timeout=LONG)
    assert player.rate == 2.0 and not player.is_playing
    player.open(first)
    player.seek(1000)
    player.play()
    assert player.is_playing
    answers[2]()
    qtbot.waitUntil(lambda: player.position_ms > 1200, timeout=LONG)
    player.close()


def make_broadcast(path: Path) -> Path:
    """Six seconds that Qt takes for less: without an index it goes by the bit rate, and noise takes more than silence."""
    loud = np.random.default_rng(1).uniform(-0.8, 0.8, (1, 3 * 44_100)).astype(np.float32)
    with av.open(str(path), "w", format="adts") as out:
        sound = out.add_stream("aac", rate=44_100, layout="mono")
        for at, samples in enumerate(np.split(np.concatenate([loud, np.zeros_like(loud)], axis=1), 60, axis=1)):
            frame = av.AudioFrame.from_ndarray(samples, "fltp", "mono")
            frame.sample_rate, frame.pts = 44_100, at * samples.shape[1]
            out.mux(sound.encode(frame))
        out.mux(sound.encode(None))
    return path


@pytest.mark.parametrize("is_at_once", [False, True])
def test_a_sound_that_qt_takes_for_too_short_is_jumped_about_in_to_its_end(
    qtbot: QtBot, watched: Watched, tmp_path: Path, is_at_once: bool
) -> None:
    playback = watched.playback
    playback.load(item_of(make_broadcast(tmp_path / "radio.aac"), kind=Kind.MUSIC))
    if not is_at_once:
        qtbot.waitUntil(lambda: 0 < playback._qt.duration_ms < 4500, timeout=LONG)
    assert abs(playback.duration_ms - 6000) < 100
    playback.seek(5000)
    playback.play()
    qtbot.waitUntil(lambda: playback.is_own, timeout=LONG)
    qtbot.waitUntil(lambda: playback.position_ms > 5200, timeout=LONG)
    qtbot.waitUntil(lambda: not playback.is_playing, timeout=LONG)
    assert abs(playback.duration_ms - 6000) < 100
    assert not watched.said


def test_a_film_closed_while_other_threads_work_does_not_stop_the_window(films: Callable[[str], Path]) -> None:
    """Qt's threads once asked Python something with a lock held that the window waited for; most often within a few
    films, each in a player of its own. In a process of its own, as nothing inside it would end the wait.
    """
    code = f"""
import threading
from media_assistant.ui.startup.app import prepare_application
from media_assistant.ui.playback.qt_player import QtPlayer
from media_assistant.items.kind import Kind
from pathlib import Path
from PySide6.QtCore import QTimer
from tests.ui.test_playback import item_of

application = prepare_application()
item = item_of(Path({str(films("h264"))!r}))

def work():
    while True:
        pass

for _ in range(2):
    threading.Thread(target=work, daemon=True).start()
left = 60

def begin():
    global left, player
    left -= 1
    if left < 0:
        return application.quit()
    player = QtPlayer()
    player.open(item)
    player.play()
    QTimer.singleShot((20, 40, 80)[left % 3], end)

def end():
    player.open(None)
    QTimer.singleShot(5, leave)

def leave():
    player.close()
    player.deleteLater()
    QTimer.singleShot(0, begin)

QTimer.singleShot(0, begin)
application.exec()
print("all closed", flush=True)
os._exit(0)
"""
    done = subprocess.run(
        [sys.executable, "-c", "import os, sys\nsys.setswitchinterval(0.0005)\n" + code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert "all closed" in done.stdout, done.stderr
