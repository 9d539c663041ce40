"""The test networks through the very calls that the field models use, on the labelled media."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from media_assistant.inference.hardware import detect
from media_assistant.inference.models import Models
from media_assistant.inference.store import ModelStore

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def index(material: Path) -> list[dict]:
    lines = (material / "media" / "index.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def models(material: Path, tmp_path_factory: pytest.TempPathFactory) -> Models:
    user = tmp_path_factory.mktemp("user")
    own = ROOT / "models"
    return Models(ModelStore([material / "models"], user, own, own / "catalogue.toml"), detect(), threads=2)


@pytest.fixture(scope="module")
def photos(material: Path, index: list[dict]) -> list[tuple[dict, np.ndarray]]:
    rows = [row for row in index if row["kind"] == "photo"]
    return [(row, np.asarray(Image.open(material / row["file"]).convert("RGB"))) for row in rows]


def sound(file: Path) -> np.ndarray:
    """float32 mono at 16 kHz."""
    blocks: list[np.ndarray] = []
    with av.open(str(file)) as container:
        resampler = av.AudioResampler("flt", "mono", 16_000)
        for frame in [*container.decode(audio=0), None]:
            blocks += [part.to_ndarray()[0] for part in resampler.resample(frame)]
    return np.concatenate(blocks)


def test_photos_are_classified(models: Models, photos: list[tuple[dict, np.ndarray]]) -> None:
    network = models.image_classes()
    known = [(row, picture) for row, picture in photos if row.get("imagenet_index") is not None]
    probabilities, embeddings = network.classify([picture for _, picture in known])
    assert embeddings is not None
    assert embeddings.shape == (len(known), 1280)
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-4)
    right = [int(row.argmax()) == truth["imagenet_index"] for row, (truth, _) in zip(probabilities, known, strict=True)]
    assert np.mean(right) >= 0.85
    assert network.labels[151].key == "n02085620"


def test_pictures_meet_words_of_both_languages(models: Models, photos: list[tuple[dict, np.ndarray]]) -> None:
    network = models.image_text()
    vectors = network.embed_images([picture for _, picture in photos])
    groups = sorted({(row["label"], row["label_zh"]) for row, _ in photos if row.get("imagenet_index") is not None})
    truth = [row["label"] for row, _ in photos]
    for language in (0, 1):
        words = network.embed_texts([group[language] for group in groups])
        found = [groups[place][0] for place in (vectors @ words.T).argmax(1)]
        right = [name == label for name, label in zip(found, truth, strict=True) if label in dict(groups)]
        assert np.mean(right) >= 0.85


def test_sounds_are_named(models: Models, index: list[dict], material: Path) -> None:
    network = models.sounds()
    names = [label.name_en for label in network.labels]
    assert network.labels[0].key == "/m/09x0r"
    rows = [row for row in index if row.get("yamnet_accept")]
    right = []
    for row in rows:
        scores, embeddings = network.tag(sound(material / row["file"]))
        assert embeddings is not None
        top = [names[place] for place in scores.mean(0).argsort()[::-1][:3]]
        right.append(bool(set(top) & set(row["yamnet_accept"])))
    assert len(right) >= 50
    assert np.mean(right) >= 0.72


def test_sound_in_pieces_is_the_whole(models: Models, material: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = models.sounds()
    wave = sound(material / "media" / "speech" / "jfk.flac")
    whole, _ = network.tag(wave)
    monkeypatch.setattr("media_assistant.inference.audio_tags._PATCHES_PER_RUN", 7)
    pieces, _ = network.tag(wave)
    assert whole.shape == pieces.shape
    np.testing.assert_allclose(whole, pieces, atol=2e-3)


def test_music_is_tagged(models: Models, index: list[dict], material: Path) -> None:
    network = models.music()
    names = [label.name_en for label in network.labels]
    assert network.hop_s == pytest.approx(1.488, abs=0.001)
    for row in (row for row in index if row.get("msd_accept")):
        scores, _ = network.tag(sound(material / row["file"])[: 16_000 * 60])
        top = [names[place] for place in scores.mean(0).argsort()[::-1][:3]]
        assert set(top) & set(row["msd_accept"])


@pytest.mark.parametrize("words", [False, True])
def test_digits_are_heard_exactly(models: Models, index: list[dict], material: Path, words: bool) -> None:
    network = models.speech()
    rows = [row for row in index if row.get("asr_exact")]
    assert len(rows) == 21
    wrong = []
    for row in rows:
        wave = sound(material / row["file"])
        language, segments = network.transcribe(wave, words=words)
        lines = list(segments)
        if " ".join(line.text for line in lines) != row["transcript"] or language != "en":
            wrong.append((row["file"], lines))
        assert all(0 <= line.start_s < line.end_s <= len(wave) / 16_000 + 1e-6 for line in lines)
    assert not wrong


def test_every_text_space_is_given_and_the_best_is_right(models: Models, index: list[dict], material: Path) -> None:
    networks = models.texts()
    assert len({network.space for network in networks}) == len(networks) == 2
    rows = [row for row in index if row["kind"] == "text"]
    texts = [(material / row["file"]).read_text("utf-8") for row in rows]
    for network in networks:
        vectors = network.embed(texts)
        likeness = vectors @ vectors.T - 9 * np.eye(len(texts))
        assert (
            sum(rows[near]["label"] == row["label"] for near, row in zip(likeness.argmax(1), rows, strict=True)) == 24
        )


def test_speech_is_where_somebody_speaks(models: Models, material: Path) -> None:
    voice = models.voice()
    spans = voice.speech_spans(sound(material / "media" / "speech" / "jfk.flac"))
    assert sum(end - start for start, end in spans) > 7
    assert spans == sorted(spans)
    assert voice.speech_spans(np.zeros(32_000, np.float32)) == []
    barks = next((material / "media" / "sounds").glob("*rain*"))
    assert sum(end - start for start, end in voice.speech_spans(sound(barks))) < 1
