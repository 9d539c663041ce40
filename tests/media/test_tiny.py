"""Tiny pictures read from the decoder's planes, against means of the whole picture."""

from __future__ import annotations

import av
import cv2
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace

from media_assistant.media.tiny import tiny_rgb


def smooth(width: int, height: int) -> np.ndarray:
    """A picture of a few soft spots of colour."""
    small = np.random.default_rng(2).integers(20, 235, (4, 6, 3)).astype(np.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


@pytest.mark.parametrize("size", [(1280, 720), (1290, 722), (1920, 800), (3840, 2160), (720, 1280)])
@pytest.mark.parametrize("form", ["yuv420p", "yuvj420p", "yuv422p", "yuv444p"])
def test_a_tiny_picture_shows_what_the_large_one_does(size: tuple[int, int], form: str) -> None:
    picture = smooth(*size)
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(
        format=form,
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.JPEG if form.startswith("yuvj") else ColorRange.MPEG,
    )
    tiny = tiny_rgb(frame, 64, 36, Colorspace.ITU709)
    assert tiny is not None
    meant = cv2.resize(picture, (64, 36), interpolation=cv2.INTER_AREA)
    assert np.abs(tiny.astype(int) - meant).mean() < 3
    assert np.abs((tiny.astype(int) - meant).mean(axis=(0, 1))).max() < 1.5, "no colour is stronger than it was"


def test_what_is_small_or_has_no_planes_of_bytes_is_left_to_the_scaler() -> None:
    picture = smooth(1280, 720)
    for frame, size in (
        (av.VideoFrame.from_ndarray(smooth(320, 180), format="rgb24").reformat(format="yuv420p"), (64, 36)),
        (av.VideoFrame.from_ndarray(picture, format="rgb24"), (64, 36)),
        (av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p10le"), (64, 36)),
        (av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p"), (128, 72)),
    ):
        assert tiny_rgb(frame, *size, Colorspace.ITU709) is None
