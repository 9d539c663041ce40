"""A network of the person's own looks at photos and films like any other model."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from media_assistant.analysis.run import run
from media_assistant.inference.hardware import detect
from media_assistant.inference.install import finish
from media_assistant.inference.models import Models
from media_assistant.inference.onnx_writer import Graph
from media_assistant.inference.store import ModelStore
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment
from media_assistant.items.span import WHOLE, TimeSpan
from media_assistant.paths import bundled


def save_colour_network(folder: Path, name: str, tags: dict[str, int]) -> None:
    """Labels by the strongest channel of a picture's mean; the last label is none of them."""
    work = folder / ".arriving" / name
    work.mkdir(parents=True)
    rows = np.zeros((3, len(tags) + 1), np.float32)
    for place, channel in enumerate(tags.values()):
        rows[channel, place] = 40.0
    bias = np.array([0.0] * len(tags) + [15.0], np.float32)
    graph = Graph()
    fed = graph.take("pixel_values", np.float32, ["batch", 3, 32, 32])
    mean = graph.add("Flatten", graph.add("GlobalAveragePool", fed), axis=1)
    logits = graph.add("Add", graph.add("MatMul", mean, graph.table(rows)), graph.table(bias))
    graph.give(logits, "logits", ["batch", len(tags) + 1])
    graph.save(work / "model.onnx")
    lines = [
        "index\tkey\ten\tzh",
        *(f"{i}\town:{tag}\t{tag}\t" for i, tag in enumerate(tags)),
        f"{len(tags)}\t\tnone\t",
    ]
    (work / "labels.tsv").write_text("\n".join(lines), "utf-8")
    card = {"id": name, "task": "own-tags", "session": "onnx", "languages": [], "licence": "yours"}
    card |= {"model": "model.onnx", "labels": "labels.tsv", "input": {"resize_short_side": 32, "crop": 32}}
    finish(work, folder, card)


def models_in(folder: Path) -> Models:
    return Models(ModelStore([], folder, bundled("models"), folder / "none.toml"), detect(), threads=1)


def said_of(path: Path, kind: Kind, models: Models, analysers: Sequence[str] = ("shots", "own_sights")) -> list[Moment]:
    found = [one for _, one in run(path, kind, analysers if kind is Kind.VIDEO else ["own_sights"], models)]
    return [one for one in found if isinstance(one, Moment) and one.layer is Layer.LABEL]


def test_every_network_says_its_tags_and_none_of_them_is_no_tag(tmp_path: Path) -> None:
    save_colour_network(tmp_path, "own-warm", {"Rose": 0})
    save_colour_network(tmp_path, "own-cold", {"Sea 海": 2, "Leaf": 1})
    models = models_in(tmp_path)
    for colour, wanted in (((250, 20, 20), {"own:Rose"}), ((20, 20, 250), {"own:Sea 海"}), ((9, 9, 9), set())):
        photo = tmp_path / "photo.png"
        Image.new("RGB", (48, 40), colour).save(photo)
        said = said_of(photo, Kind.PHOTO, models)
        assert {one.concept.id for one in said if one.concept} == wanted
        assert all(one.span == WHOLE and one.score > 0.9 and one.source.model.startswith("own-") for one in said)


def test_a_film_is_told_shot_by_shot(tmp_path: Path) -> None:
    save_colour_network(tmp_path, "own-cold", {"Sea": 2})
    film = tmp_path / "film.mp4"
    with av.open(str(film), "w") as out:
        stream = out.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(150):
            colour = (20, 20, 240) if 50 <= number < 100 else (240, 230, 20)
            picture = np.full((48, 64, 3), colour, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        out.mux(stream.encode())
    (said,) = said_of(film, Kind.VIDEO, models_in(tmp_path))
    assert isinstance(said.span, TimeSpan)
    assert abs(said.span.start_ms - 2000) <= 80 and abs(said.span.end_ms - 4000) <= 80


@pytest.mark.parametrize("analysers", [("shots", "own_sights"), ("own_sights",)])
@pytest.mark.parametrize("every_ms", [200_000, 27_000])
def test_a_picture_that_stands_long_is_told_for_as_long_as_it_stands(
    tmp_path: Path, every_ms: int, analysers: tuple[str, ...]
) -> None:
    """A slide show or a recorded screen has a frame when something changes, and may have none for minutes."""
    save_colour_network(tmp_path, "own-cold", {"Sea": 2})
    film = tmp_path / "film.mkv"
    moving = [*range(0, 4000, 40)]
    still = [*range(moving[-1] + every_ms, 200_000, every_ms)]
    last = [*range(200_000, 204_000, 40)]
    with av.open(str(film), "w") as out:
        stream = out.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for at_ms in (*moving, *still, *last):
            colour = (20, 20, 240) if at_ms < 200_000 else (240, 230, 20)
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), colour, np.uint8), "rgb24")
            frame.pts, frame.time_base = at_ms, Fraction(1, 1000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    spans = [
        one.span for one in said_of(film, Kind.VIDEO, models_in(tmp_path), analysers) if isinstance(one.span, TimeSpan)
    ]
    assert spans[0].start_ms == 0
    assert all(one.end_ms == following.start_ms for one, following in pairwise(spans))
    assert abs(spans[-1].end_ms - 200_000) < 11_000
