"""What a worker sends of a film that the window plays: every picture once, sound at its time, and jumps to the picture."""

from __future__ import annotations

import queue
import tracemalloc
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame

from media_assistant.errors import UserFixable
from media_assistant.items.kind import Kind
from media_assistant.media.probe import examine
from media_assistant.media.streaming import MOST_PIECES, Wish, fit, stream
from media_assistant.media.time_stretch import RATE_HZ, TimeStretch
from tests.films import make_film, read_number

SLOTS, WIDTH, HEIGHT = 4, 160, 96


class Taker:
    """Frees every slot and takes every piece at once; jumps when told to, stops at the end of the last turn."""

    def __init__(self, *jumps: tuple[int, float]) -> None:
        self.memory = bytearray(SLOTS * 4 * WIDTH * HEIGHT)
        self.steering: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.jumps = list(jumps)
        self.turn = 0
        self.pictures: dict[int, list[int]] = {}
        self.sound: dict[int, list[tuple[int, bytes]]] = {}
        self.is_done = False

    def send(self, header: dict[str, Any], data: bytes) -> None:
        turn = header.get("turn", 0)
        if header["is"] == "frame":
            start = header["slot"] * 4 * WIDTH * HEIGHT
            size = 4 * header["width"] * header["height"]
            picture = np.frombuffer(self.memory[start : start + size], np.uint8)
            rgb = picture.reshape(header["height"], header["width"], 4)[:, :, 2::-1]
            self.pictures.setdefault(turn, []).append(read_number(rgb))
            self.check_time(header["at_ms"], self.pictures[turn][-1])
            self.steering.put({"to": "free", "slot": header["slot"], "clock": -1})
        elif header["is"] == "sound":
            self.sound.setdefault(turn, []).append((header["at_ms"], data))
            self.steering.put({"to": "took", "pieces": 1})
        elif header["is"] == "ran_out":
            if self.jumps:
                self.turn += 1
                ms, rate = self.jumps.pop(0)
                self.steering.put({"to": "seek", "ms": ms, "turn": self.turn, "rate": rate, "wants_sound": True})
            else:
                self.is_done = True

    def check_time(self, at_ms: int, number: int) -> None:
        assert at_ms == 40 * number

    def take(self, path: Path) -> None:
        wish = Wish(path, SLOTS, 4 * WIDTH * HEIGHT, WIDTH, HEIGHT)
        stream(wish, memoryview(self.memory), self.steering, self.send, lambda: self.is_done)


@pytest.mark.parametrize("codec", ["h264", "av1"])
def test_every_picture_and_all_sound_come_once(tmp_path: Path, codec: str) -> None:
    path = make_film(tmp_path / "film.mp4", codec, seconds=3, width=WIDTH, height=HEIGHT)
    taker = Taker((1010, 1.0), (2000, 2.0))
    taker.take(path)
    assert taker.pictures == {0: list(range(75)), 1: list(range(25, 75)), 2: list(range(50, 75))}
    for turn, start_ms, rate in ((0, 0, 1.0), (1, 1010, 1.0), (2, 2000, 2.0)):
        times = [at for at, _ in taker.sound[turn]]
        assert times[0] == start_ms
        heard_ms = sum(len(data) for _, data in taker.sound[turn]) / (4 * RATE_HZ) * 1000
        assert abs(heard_ms * rate - (3000 - start_ms)) < 120
        assert np.diff(times[:-1]) == pytest.approx(50 * rate, abs=1)


@pytest.mark.parametrize("codec", ["h264", "mpeg4", "av1"])
def test_each_jump_sends_exactly_the_picture_of_its_time(tmp_path: Path, codec: str) -> None:
    """Also where pictures between, from which none is made, are passed over."""
    film = tmp_path / "film.mp4"
    options = {"h264": {"preset": "veryfast", "bf": "3"}, "mpeg4": {"qscale": "3", "bf": "2"}, "av1": None}[codec]
    make_film(film, codec, seconds=4, width=WIDTH, height=HEIGHT, gop=50, options=options)
    times = [40 * number + late for number, late in ((99, 39), (0, 0), (49, 39), (50, 0), (50, 39), (3, 1))]
    times += [40 * number + 20 for number in range(51, 99, 3)] + [3999, 4500]
    memory, steering = bytearray(4 * WIDTH * HEIGHT), queue.SimpleQueue[dict[str, Any]]()
    came: list[int] = []

    def send(header: dict[str, Any], _data: bytes) -> None:
        if header["is"] == "frame":
            picture = np.frombuffer(memory, np.uint8)[: 4 * header["width"] * header["height"]]
            came.append(read_number(picture.reshape(header["height"], header["width"], 4)[:, :, 2::-1]))
            assert header["at_ms"] == 40 * came[-1] and header["end_ms"] == header["at_ms"] + 40
            assert header["turn"] == len(came) - 1, "one picture of each turn"
            if len(came) <= len(times):
                ms = times[len(came) - 1]
                steering.put({"to": "seek", "ms": ms, "turn": len(came), "rate": 1.0, "wants_sound": False})
            steering.put({"to": "free", "slot": 0, "clock": -1})

    wish = Wish(film, 1, len(memory), WIDTH, HEIGHT, wants_sound=False)
    stream(wish, memoryview(memory), steering, send, lambda: len(came) > len(times))
    assert came == [0, *(min(99, ms // 40) for ms in times)]


def test_faster_and_slower_keep_the_pitch() -> None:
    at = np.arange(2 * RATE_HZ) / RATE_HZ
    wave = (0.5 * np.sin(2 * np.pi * 440 * at)).astype(np.float32)
    for rate in (0.25, 0.5, 1.5, 4.0):
        stretch = TimeStretch(Fraction(0), 0, rate)
        for start in range(0, len(wave), 4096):
            frame = AudioFrame.from_ndarray(np.stack([wave[start : start + 4096]] * 2), format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, start, Fraction(1, RATE_HZ)
            stretch.push(frame)
        stretch.finish()
        left = np.concatenate([np.frombuffer(data, np.int16) for _, data in stretch.take()])[::2].astype(float)
        assert len(left) == pytest.approx(len(wave) / rate, rel=0.05)
        middle = left[len(left) // 4 : len(left) // 4 * 3]
        loudest_hz = np.abs(np.fft.rfft(middle * np.hanning(len(middle)))).argmax() * RATE_HZ / len(middle)
        assert loudest_hz == pytest.approx(440, abs=6)


def test_a_picture_fits_its_box_and_its_slot() -> None:
    assert fit(1920, 1080, 960, 600, 10**9) == (960, 540)
    assert fit(320, 180, 4000, 4000, 10**9) == (320, 180)
    width, height = fit(7680, 4320, 7680, 4320, 4 * 2560 * 1440)
    assert 4 * width * height <= 4 * 2560 * 1440
    assert abs(width / height - 16 / 9) < 0.01
    assert fit(10_000, 1, 100, 100, 10**6) == (100, 1)


def test_what_is_no_film_is_said(tmp_path: Path) -> None:
    (tmp_path / "no.mp4").write_bytes(b"nothing of the kind" * 100)
    with pytest.raises(UserFixable) as fault:
        Taker().take(tmp_path / "no.mp4")
    assert fault.value.code == "media.damaged"


@pytest.mark.parametrize("begins_s", [0, 2])
def test_sound_waits_until_it_is_taken(tmp_path: Path, begins_s: int) -> None:
    path = make_film(tmp_path / "film.mkv", seconds=3, width=WIDTH, height=HEIGHT, heard_s=(begins_s, 3))
    sent: list[str] = []

    def send(header: dict[str, Any], _data: bytes) -> None:
        sent.append(header["is"])

    rounds = iter(range(400))
    wish = Wish(path, SLOTS, 4 * WIDTH * HEIGHT, WIDTH, HEIGHT)
    memory = memoryview(bytearray(SLOTS * wish.slot_bytes))
    stream(
        wish,
        memory,
        queue.SimpleQueue(),
        send,
        lambda: next(rounds, None) is None or (sent.count("frame") == SLOTS and sent.count("sound") >= MOST_PIECES),
    )
    assert sent.count("frame") == SLOTS
    assert MOST_PIECES <= sent.count("sound") <= MOST_PIECES + 2


class Listener(Taker):
    """Whose clock is what it was given to hear, as a window's is: a picture's slot is free when its time has come."""

    def __init__(self, start_ms: int = 0) -> None:
        super().__init__()
        self.heard_ms = float(start_ms)
        self.has_heard_all = False
        self.waiting: list[tuple[int, int]] = []
        self.rounds_in_vain = 0

    def send(self, header: dict[str, Any], data: bytes) -> None:
        self.rounds_in_vain = 0
        if header["is"] == "frame":
            self.waiting.append((header["at_ms"], header["slot"]))
            self.pictures.setdefault(header["turn"], []).append(header["at_ms"] // 40)
        else:
            super().send(header, data)
        self.heard_ms += len(data) / 4 / RATE_HZ * 1000
        self.has_heard_all |= header["is"] == "sound_over"
        while self.waiting and (self.has_heard_all or self.waiting[0][0] <= self.heard_ms):
            self.steering.put({"to": "free", "slot": self.waiting.pop(0)[1], "clock": -1})

    def must_stop(self) -> bool:
        self.rounds_in_vain += 1
        return self.is_done or self.rounds_in_vain > 100

    def take(self, path: Path, start_ms: int = 0) -> None:
        wish = Wish(path, SLOTS, 4 * WIDTH * HEIGHT, WIDTH, HEIGHT, start_ms)
        stream(wish, memoryview(self.memory), self.steering, self.send, self.must_stop)
        assert self.is_done, "it stands still"


@pytest.mark.parametrize("start_ms", [0, 1400])
def test_pictures_go_on_where_the_sound_is_over(tmp_path: Path, start_ms: int) -> None:
    film = make_film(tmp_path / "film.mkv", seconds=2, width=WIDTH, height=HEIGHT, heard_s=(0, 0.5))
    listener = Listener(start_ms)
    listener.take(film, start_ms)
    assert listener.pictures[0] == list(range(start_ms // 40, 50))
    assert sum(len(data) for _, data in listener.sound.get(0, ())) / 4 / RATE_HZ < 0.6


@pytest.mark.parametrize("heard_s", [(0, 0.5), (3, 4)])
def test_pictures_go_on_where_no_sound_is_found_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heard_s: tuple[float, float]
) -> None:
    """No more packets are kept than so many: where the next sound lies, or that there is none, cannot be known yet."""
    monkeypatch.setattr("media_assistant.media.demuxer._MOST_PACKETS", 20)
    film = make_film(tmp_path / "film.mkv", seconds=4, width=WIDTH, height=HEIGHT, heard_s=heard_s)
    listener = Listener()
    listener.take(film)
    assert listener.pictures[0] == list(range(100))
    begins, ends = loud_s(listener.sound[0])
    assert (begins, ends) == pytest.approx(heard_s, abs=0.05)


def loud_s(pieces: list[tuple[int, bytes]]) -> tuple[float, float]:
    """From when to when there is something to be heard."""
    samples = np.frombuffer(b"".join(data for _, data in pieces), np.int16).reshape(-1, 2)
    (loud,) = np.nonzero(np.abs(samples[:, 0]) > 1000)
    return pieces[0][0] / 1000 + loud[0] / RATE_HZ, pieces[0][0] / 1000 + loud[-1] / RATE_HZ


def test_sound_that_sets_in_late_is_heard_at_its_time(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mkv", seconds=27, width=WIDTH, height=HEIGHT, heard_s=(25, 27))
    taker = Taker((1000, 1.0))
    taker.take(film)
    for turn, start_ms in ((0, 0), (1, 1000)):
        assert taker.sound[turn][0][0] == start_ms
        assert loud_s(taker.sound[turn]) == pytest.approx((25, 27), abs=0.05)


@pytest.mark.parametrize("rate", [1.0, 2.0])
def test_promise_12_hours_of_silence_take_little_memory(rate: float) -> None:
    wave = np.full((2, 4800), 0.5, np.float32)
    stretch = TimeStretch(Fraction(0), 0, rate)
    for at_s in (3600, 2 * 3600):
        frame = AudioFrame.from_ndarray(wave, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, at_s * RATE_HZ, Fraction(1, RATE_HZ)
        stretch.push(frame)
    stretch.finish()
    tracemalloc.start()
    first = list(islice(stretch.take(), 200))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000
    assert [at_ms for at_ms, _ in first] == pytest.approx([50 * rate * number for number in range(200)], abs=1)
    assert not np.frombuffer(b"".join(data for _, data in first), np.int16).any()


def test_a_clock_that_jumps_within_the_sound_is_no_silence() -> None:
    """Pictures go on where they were, too, when a clock jumps back; ten minutes ahead is a jump as well."""
    wave = np.full((2, RATE_HZ), 0.5, np.float32)
    stretch = TimeStretch(Fraction(0), 0, 1.0)
    for at_s in (2, 3, 5000, 1, 2, 4):
        frame = AudioFrame.from_ndarray(wave, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, at_s * RATE_HZ, Fraction(1, RATE_HZ)
        stretch.push(frame)
    stretch.finish()
    heard = np.frombuffer(b"".join(data for _, data in stretch.take()), np.int16)[::2]
    assert stretch.is_over
    assert [bool(second.any()) for second in np.split(heard, 9)] == [False] * 2 + [True] * 5 + [False, True]


def test_a_films_own_chapters_are_read(tmp_path: Path) -> None:
    path = tmp_path / "chapters.mkv"
    film = make_film(tmp_path / "plain.mp4", seconds=2, width=WIDTH, height=HEIGHT)
    with av.open(str(film)) as plain, av.open(str(path), "w") as container:
        streams = {each.index: container.add_stream_from_template(each) for each in plain.streams}
        container.set_chapters(
            [
                {
                    "id": 1,
                    "start": 0,
                    "end": 1200,
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": "A  walk"},
                },
                {
                    "id": 2,
                    "start": 1200,
                    "end": 2000,
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": "回家"},
                },
            ]
        )
        for packet in plain.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                container.mux(packet)
    marks = examine(path, Kind.VIDEO).facts.chapters
    assert [(mark.start_ms, mark.title) for mark in marks] == [(0, "A walk"), (1200, "回家")]


@pytest.mark.parametrize("ending", ["h264", "flv"])
def test_a_film_without_an_index_is_played_and_jumped_about_in(tmp_path: Path, ending: str) -> None:
    whole = make_film(tmp_path / f"film.{ending}", seconds=2, gop=25, has_sound=False)
    # Its last bytes, where an index would be, are lost.
    whole.write_bytes(whole.read_bytes()[:-200])
    taker = Numbers((400, 1.0))
    taker.take(whole)
    assert taker.pictures[0][:3] == [0, 1, 2]
    assert 8 <= taker.pictures[1][0] <= 12


class Numbers(Taker):
    """Of a film that says no times."""

    def check_time(self, at_ms: int, number: int) -> None:
        """Any."""
