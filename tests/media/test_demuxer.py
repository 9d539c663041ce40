"""Each stream's packets in its own time, and no more read ahead than is bounded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from av.stream import Stream

from media_assistant.media.container import find_picture, find_sound, open_container, start_of
from media_assistant.media.demuxer import SOUND_BEFORE_MS, Demuxer
from tests.films import make_film


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(tmp_path_factory.mktemp("films") / "film.mkv", seconds=4, width=160, height=96, gop=25)


@pytest.fixture
def opened(film: Path) -> Iterator[tuple[Demuxer, Stream, Stream]]:
    with open_container(film) as container:
        picture, sound = find_picture(container), find_sound(container)
        assert picture is not None and sound is not None
        yield Demuxer(container, [picture, sound], start_of(container)), picture, sound


def times_ms(demuxer: Demuxer, of: Stream) -> list[float]:
    """Of all that is still to come of a stream."""
    times = []
    while True:
        packet = demuxer.next_packet(of)
        if packet is None:
            assert demuxer.has_read, "it waits for another one to be taken"
        elif not packet.size:
            return times
        elif packet.pts is not None:
            times.append(float(packet.pts * packet.time_base) * 1000)


def test_one_stream_after_the_other_gives_each_packet_once(opened: tuple[Demuxer, Stream, Stream]) -> None:
    demuxer, picture, sound = opened
    assert len(set(times_ms(demuxer, picture))) == 100
    assert demuxer.is_at_end
    heard = times_ms(demuxer, sound)
    assert not demuxer.has_read, "it had all been read on the way"
    assert heard == sorted(set(heard)) and heard[-1] > 3800
    assert demuxer.next_packet(sound) is None


def test_no_more_waits_than_is_bounded(opened: tuple[Demuxer, Stream, Stream], monkeypatch: pytest.MonkeyPatch) -> None:
    demuxer, picture, sound = opened
    monkeypatch.setattr("media_assistant.media.demuxer._MOST_PACKETS", 20)
    while not demuxer.is_full:
        demuxer.next_packet(sound)
    assert demuxer.next_packet(sound) is None and not demuxer.has_read
    assert demuxer.next_packet(picture) is not None, "what waits is to be had"
    demuxer.pass_over(picture)
    assert not demuxer.is_full
    demuxer.next_packet(sound)
    assert demuxer.has_read


def test_a_jump_goes_to_the_picture_of_which_others_are_made(opened: tuple[Demuxer, Stream, Stream]) -> None:
    demuxer, picture, sound = opened
    times_ms(demuxer, picture)
    demuxer.jump(2500)
    assert not demuxer.is_at_end
    assert min(times_ms(demuxer, picture)) == 2000
    assert 2000 - SOUND_BEFORE_MS <= min(times_ms(demuxer, sound)) <= 2500
