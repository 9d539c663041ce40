"""Sights, writing and measures on real films and photos with real networks."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw

from media_assistant.analysis.pictures import SPACE
from media_assistant.analysis.run import Failed, run
from media_assistant.analysis.writing import difference, is_overlaid, is_same, strokes
from media_assistant.inference.hardware import detect
from media_assistant.inference.models import Models
from media_assistant.inference.store import ModelStore
from media_assistant.items.findings import Trait, Vector
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment
from media_assistant.items.span import TimeSpan, Whole
from media_assistant.paths import bundled

NO_MODELS = cast("Models", None)
CHOICES = {
    "both": ("image-mobilenetv2", "clip-mobilenet-wordnet"),
    "classifier": ("image-mobilenetv2",),
    "image and text": ("clip-mobilenet-wordnet",),
}


def models_of(folder: Path) -> Models:
    """The networks in `folder` and those that come with the program."""
    store = ModelStore([folder], folder / "none", bundled("models"), bundled("models") / "catalogue.toml")
    return Models(store, detect(), threads=1)


def moments(said: list[tuple[str, object]], layer: Layer) -> list[Moment]:
    faults = [one for _, one in said if isinstance(one, Failed)]
    assert not faults
    return [one for _, one in said if isinstance(one, Moment) and one.layer is layer]


@pytest.mark.parametrize("choice", CHOICES)
def test_nine_in_ten_shots_are_named_among_their_top_three(material: Path, tmp_path: Path, choice: str) -> None:
    for name in CHOICES[choice]:
        (tmp_path / name).symlink_to(material / "models" / name)
    models = models_of(tmp_path)
    right = shots = 0
    for line in (material / "media" / "index.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["kind"] != "video-composed":
            continue
        said = list(run(material / row["file"], Kind.VIDEO, ["shots", "sights"], models))
        labels = moments(said, Layer.LABEL)
        for start_s, _, group, _ in row["shots"]:
            here = [one for one in labels if abs(one.span.start_ms - 1000 * start_s) < 40]  # type: ignore[union-attr]
            names = [one.concept.en for one in here[:3] if one.concept]
            assert [one.score for one in here] == sorted((one.score for one in here), reverse=True)
            right += group in names
            shots += 1
        vectors = [one for _, one in said if isinstance(one, Vector)]
        assert len(vectors) >= len(row["shots"])
    assert shots == 30
    assert right >= 27


def test_without_a_network_it_says_so(samples: Path, tmp_path: Path) -> None:
    said = list(run(samples / "balloon.jpg", Kind.PHOTO, ["sights"], models_of(tmp_path)))
    ((_, failed),) = said
    assert isinstance(failed, Failed)
    assert failed.error.code == "error.model.missing"


def test_titles_of_the_sample_film_are_read_exactly_and_once(samples: Path, tmp_path: Path) -> None:
    truth = json.loads((samples / "truth.json").read_text("utf-8"))["journey.mp4"]["shots"]
    said = list(run(samples / "journey.mp4", Kind.VIDEO, ["writing"], models_of(tmp_path)))
    lines = moments(said, Layer.LINE)
    for shot in truth:
        for title in (shot["title_en"], shot["title_zh"]):
            (line,) = [one for one in lines if one.text == title]
            assert abs(line.span.start_ms - shot["start_ms"]) <= 800  # type: ignore[union-attr]
            assert abs(line.span.end_ms - shot["end_ms"]) <= 800  # type: ignore[union-attr]
            assert line.box is not None
            assert line.box.width > 0


def test_readings_of_one_line_are_known_as_one() -> None:
    assert is_same("lighthouse bay", "lighthouse boy")
    assert is_same("灯塔海湾", "灯塔海湾")
    assert not is_same("moon and stars", "morning forest")
    assert not is_same("", "a")


def test_a_photo_and_its_smaller_copy_have_nearly_the_same_fingerprint(samples: Path, tmp_path: Path) -> None:
    from PIL import Image

    copy = tmp_path / "拷贝.jpg"
    with Image.open(samples / "balloon.jpg") as picture:
        picture.resize((picture.width // 2, picture.height // 2)).save(copy, quality=60)
        other = tmp_path / "other.png"
        picture.transpose(Image.Transpose.ROTATE_180).save(other)

    def fingerprint(file: Path) -> int:
        said = [one for _, one in run(file, Kind.PHOTO, ["pictures"], NO_MODELS)]
        (vector,) = [one for one in said if isinstance(one, Vector)]
        assert vector.space == SPACE
        assert isinstance(vector.span, Whole)
        traits = {one.name: one.value for one in said if isinstance(one, Trait)}
        assert 0 < cast("float", traits["brightness"]) < 1
        assert len(cast("list[float]", traits["colours"])) % 4 == 0
        return int(cast("str", traits["perceptual_hash"]), 16)

    first = fingerprint(samples / "balloon.jpg")
    assert (first ^ fingerprint(copy)).bit_count() <= 4
    assert (first ^ fingerprint(other)).bit_count() > 16


def test_a_blank_picture_has_no_fingerprint_for_it_would_be_that_of_others(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(0, 2, (300, 400, 3))
    for number, level in enumerate((0, 128, 250)):
        Image.fromarray(np.clip(level + noise, 0, 255).astype(np.uint8)).save(tmp_path / f"{number}.png")
        said = [one for _, one in run(tmp_path / f"{number}.png", Kind.PHOTO, ["pictures"], NO_MODELS)]
        assert not [one for one in said if isinstance(one, Vector)]
    film = tmp_path / "film.mp4"
    scene = np.random.default_rng(2).integers(0, 256, (6, 8, 3), np.uint8).repeat(40, 0).repeat(40, 1)
    with av.open(str(film), "w") as out:
        video = out.add_stream("libx264", rate=2)
        video.width, video.height, video.pix_fmt = 320, 240, "yuv420p"
        for at in range(60):  # ten seconds of a scene, ten of black, ten of the scene
            picture = scene if at // 20 != 1 else np.zeros_like(scene)
            out.mux(video.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        out.mux(video.encode(None))
    said = [one for _, one in run(film, Kind.VIDEO, ["pictures"], NO_MODELS)]
    assert [one.span for one in said if isinstance(one, Vector)] == [TimeSpan(0, 10_000), TimeSpan(20_000, 30_000)]


def test_writing_is_read_on_where_a_film_changes_its_size(tmp_path: Path) -> None:
    parts = []
    for number, (width, height) in enumerate(((640, 352), (640, 480))):
        part = tmp_path / f"{number}.ts"
        with av.open(str(part), "w") as out:
            video = out.add_stream("libx264", rate=10, options={"bf": "0"})
            video.width, video.height, video.pix_fmt = width, height, "yuv420p"
            picture = Image.new("RGB", (width, height), "navy")
            ImageDraw.Draw(picture).text((60, 200), "LIGHTHOUSE", "white", font_size=60)
            for at in range(30):
                frame = av.VideoFrame.from_image(picture)
                frame.pts, frame.time_base = 30 * number + at, Fraction(1, 10)
                out.mux(video.encode(frame))
            out.mux(video.encode(None))
        parts.append(part.read_bytes())
    film = tmp_path / "film.ts"
    film.write_bytes(b"".join(parts))
    lines = moments(list(run(film, Kind.VIDEO, ["writing"], models_of(tmp_path))), Layer.LINE)
    assert {line.text for line in lines} == {"LIGHTHOUSE"}
    assert max(line.span.end_ms for line in lines) > 4000  # type: ignore[union-attr]


def test_motion_of_a_film_is_measured(samples: Path) -> None:
    said = [one for _, one in run(samples / "journey.mp4", Kind.VIDEO, ["pictures"], NO_MODELS)]
    traits = {one.name: one.value for one in said if isinstance(one, Trait)}
    assert 0 < cast("float", traits["motion"]) < 1
    assert "perceptual_hash" not in traits
    assert [one for one in said if isinstance(one, Vector)]


def test_a_title_on_a_still_picture_full_of_detail_adds_no_strokes_and_is_noticed() -> None:
    random = np.random.default_rng(2)
    before = random.integers(0, 256, (176, 320), np.uint8)
    titled = before.copy()
    titled[120:136, 40:140] = np.where(np.arange(100) % 6 < 3, 255, 0)
    assert difference(strokes(before), strokes(titled)) < 0.16
    sketch = strokes(before) | strokes(titled)
    assert is_overlaid(before, titled, sketch)
    assert is_overlaid(titled, before, sketch), "and so is its end"
    assert not is_overlaid(before, before, sketch)
    assert not is_overlaid(before, np.roll(before, 5, axis=1), sketch), "what moves is no title"
