"""Packets of an AV1 film that no other picture needs: leaving them out changes no other picture."""

from __future__ import annotations

import random
from pathlib import Path

import av
import pytest

from media_assistant.media.av1 import ReferenceFinder
from tests.films import make_film


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_every_other_picture_is_the_same_without_what_nobody_needs(tmp_path: Path, ending: str) -> None:
    path = make_film(tmp_path / f"film.{ending}", "av1", seconds=2, gop=25, has_sound=False)
    everything, left_out = _decode(path, leaves_out=False)
    assert left_out == 0
    rest, left_out = _decode(path, leaves_out=True)
    assert left_out > 0
    assert len(rest) + left_out == len(everything)
    assert all(everything[at] == picture for at, picture in rest.items())


def _decode(path: Path, *, leaves_out: bool) -> tuple[dict[int | None, bytes], int]:
    pictures, left_out = {}, 0
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        finder = ReferenceFinder(stream.codec_context.extradata)
        for packet in container.demux(stream):
            if packet.size and not finder.is_needed(memoryview(packet)) and leaves_out:
                left_out += 1
                continue
            for frame in packet.decode():
                pictures[frame.pts] = frame.to_ndarray().tobytes()
    return pictures, left_out


def test_bytes_that_are_no_av1_are_answered_too(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.mp4", "av1", seconds=1, gop=25, has_sound=False)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        packets = [bytes(packet) for packet in container.demux(stream) if packet.size]
        extradata = stream.codec_context.extradata
    draw = random.Random(3)
    for _ in range(300):
        finder = ReferenceFinder(_spoil(extradata or b"", draw))
        for packet in packets[:4]:
            assert finder.is_needed(_spoil(packet, draw)) in {True, False}


def _spoil(data: bytes, draw: random.Random) -> bytes:
    spoilt = bytearray(data[: draw.randrange(len(data) + 1)])
    for _ in range(min(len(spoilt), 3)):
        spoilt[draw.randrange(min(len(spoilt), 40))] = draw.randrange(256)
    return bytes(spoilt)
