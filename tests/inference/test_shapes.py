"""A new model of a known shape needs only its card: the layouts in which field models are published, with random weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from onnx import helper

from media_assistant.errors import UserFixable
from media_assistant.inference.audio_tags import AudioTags
from media_assistant.inference.card import ModelCard, load_card
from media_assistant.inference.image_text import ImageText
from media_assistant.inference.install import to_toml
from media_assistant.inference.onnx_session import OnnxSession
from media_assistant.inference.text_embedding import TextEmbedding
from tests.inference.graphs import INT, REAL, save_graph, text_tower, vision_tower, write_json, write_tokenizer

RNG = np.random.default_rng(7)


def card(folder: Path, **keys: object) -> ModelCard:
    folder.mkdir(parents=True, exist_ok=True)
    whole = {"id": "m", "session": "onnx", "languages": ["en"], "licence": "MIT"} | keys
    (folder / "model.toml").write_text(to_toml(whole), encoding="utf-8")
    return load_card(folder)


def picture(width: int, height: int) -> np.ndarray:
    return RNG.integers(0, 255, (height, width, 3), dtype=np.uint8)


def test_a_hugging_face_folder(make_clip: Callable[..., Path]) -> None:
    folder = make_clip()
    network = ImageText(load_card(folder))
    assert network.fit(1920, 1080) == (64, 36)
    assert network.fit(1080, 1920) == (36, 64)
    frame = picture(64, 36)
    seen = network.prepare(frame)
    wanted = (frame[2:34, 16:48] / 255 - [0.5, 0.4, 0.3]) / [0.2, 0.25, 0.5]
    np.testing.assert_allclose(seen, wanted.transpose(2, 0, 1), atol=1e-5)
    bare = onnxruntime.InferenceSession(folder / "onnx" / "vision_model.onnx")
    found = bare.run(None, {"pixel_values": seen[None]})[0][0]
    np.testing.assert_allclose(network.embed_images([frame])[0], found / np.linalg.norm(found), atol=1e-5)
    words = network.embed_texts(["a red dog", "a red dog photo of the sky", "", "a red dog"])
    np.testing.assert_allclose(words[0], words[3])
    assert words.shape == (4, 16)
    assert network.embed_images([]).shape == (0, 16)
    assert network.embed_texts([]).shape == (0, 16)
    many = network.embed_images([frame] * 19)
    np.testing.assert_allclose(many, np.repeat(many[:1], 19, 0), atol=1e-6)


def test_an_open_clip_folder_with_fixed_batch_and_length(tmp_path: Path) -> None:
    """As published for photo servers: `image` and `text` (int32, padded), batch 1, preprocess_cfg.json."""
    vision_tower(tmp_path / "visual" / "model.onnx", name="image", out="embedding", batch=1)
    text_tower(tmp_path / "textual" / "model.onnx", names=("text",), out="embedding", length=12, whole=INT, batch=1)
    write_tokenizer(tmp_path / "textual" / "tokenizer.json")
    write_json(tmp_path / "textual" / "tokenizer_config.json", {"pad_token": "<pad>"})
    write_json(tmp_path / "config.json", {"embed_dim": 16, "text_cfg": {"context_length": 12}})
    write_json(
        tmp_path / "visual" / "preprocess_cfg.json",
        {
            "size": [32, 32],
            "mode": "RGB",
            "mean": [0.48, 0.45, 0.4],
            "std": [0.27, 0.26, 0.27],
            "interpolation": "bicubic",
            "resize_mode": "shortest",
            "fill_color": 0,
        },
    )
    network = ImageText(
        card(
            tmp_path,
            task="image-text-embedding",
            image_model="visual/model.onnx",
            text_model="textual/model.onnx",
            space="s",
            dimension=16,
        )
    )
    assert network.fit(640, 480) == (42, 32)
    frames = [picture(42, 32) for _ in range(3)]
    together = network.embed_images(frames)
    np.testing.assert_allclose(together[2], network.embed_images(frames[2:])[0], atol=1e-6)
    texts = network.embed_texts(["a red dog", "the sky", "dog " * 40])
    bare = onnxruntime.InferenceSession(tmp_path / "textual" / "model.onnx")
    ids = np.array([[2, 3, 6] + [1] * 9], np.int32)
    found = bare.run(None, {"text": ids})[0][0]
    np.testing.assert_allclose(texts[0], found / np.linalg.norm(found), atol=1e-5)


def test_a_siglip_folder_squashes_pictures_and_always_pads(make_clip: Callable[..., Path]) -> None:
    folder = make_clip()
    text_tower(folder / "onnx" / "text_model.onnx", names=("input_ids",), out="pooler_output")
    write_json(
        folder / "preprocessor_config.json",
        {"size": {"height": 32, "width": 32}, "image_mean": [0.5] * 3, "image_std": [0.5] * 3},
    )
    write_json(folder / "config.json", {"model_type": "siglip", "text_config": {"max_position_embeddings": 20}})
    network = ImageText(load_card(folder))
    assert network.fit(1920, 1080) == (32, 32)
    bare = onnxruntime.InferenceSession(folder / "onnx" / "text_model.onnx")
    found = bare.run(None, {"input_ids": np.array([[6] + [1] * 19])})[0][0]
    np.testing.assert_allclose(network.embed_texts(["dog"])[0], found / np.linalg.norm(found), atol=1e-5)


def test_a_picture_of_another_size_is_scaled_first(make_clip: Callable[..., Path]) -> None:
    network = ImageText(load_card(make_clip()))
    flat = np.full((500, 900, 3), (200, 30, 90), np.uint8)
    fitted = np.full((36, 64, 3), (200, 30, 90), np.uint8)
    np.testing.assert_allclose(network.prepare(flat), network.prepare(fitted), atol=1e-5)
    assert network.prepare(picture(1, 1)).shape == (3, 32, 32)
    assert network.fit(100_000, 10)[0] <= 36 * 16


def test_a_graph_without_what_is_needed_is_said_plainly(make_clip: Callable[..., Path]) -> None:
    folder = make_clip()
    vision_tower(folder / "onnx" / "vision_model.onnx", width=24)
    with pytest.raises(UserFixable) as caught:
        ImageText(load_card(folder))
    assert caught.value.code == "model.unsupported"
    (folder / "tokenizer.json").write_text("{}")
    vision_tower(folder / "onnx" / "vision_model.onnx")
    with pytest.raises(UserFixable) as caught:
        ImageText(load_card(folder))
    assert caught.value.code == "model.not_loadable"


def text_folder(folder: Path, **keys: object) -> TextEmbedding:
    text_tower(
        folder / "model.onnx",
        names=("input_ids", "attention_mask", "token_type_ids", "position_ids"),
        out="last_hidden_state",
        rank=3,
    )
    write_tokenizer(folder / "tokenizer.json")
    return TextEmbedding(card(folder, task="text-embedding", model="model.onnx", space="t", dimension=16, **keys))


def test_a_sentence_encoder_pools_only_words(tmp_path: Path) -> None:
    network = text_folder(tmp_path)
    table = network._session.run(
        {port.name: np.array([[2, 3, 6]]) for port in network._session.inputs}, ["last_hidden_state"]
    )[0]
    mean = table[0].mean(0)
    texts = ["a red dog", "a photo of the sky " * 30, "sky", *["dog cat"] * 90]
    found = network.embed(texts)
    np.testing.assert_allclose(found[0], mean / np.linalg.norm(mean), atol=1e-5)
    for place in (0, 1, 2, 50):
        np.testing.assert_allclose(found[place], network.embed([texts[place]])[0], atol=1e-5)


def test_pooling_and_prefixes_come_from_the_card(tmp_path: Path) -> None:
    plain = text_folder(tmp_path / "a")
    first = text_folder(tmp_path / "b", pooling="cls")
    marked = text_folder(tmp_path / "c", input={"query_prefix": "red ", "passage_prefix": "blue ", "max_tokens": 2})
    np.testing.assert_allclose(first.embed(["dog cat"]), plain.embed(["dog"]), atol=1e-6)
    np.testing.assert_allclose(marked.embed(["dog"], "query"), plain.embed(["red dog"]), atol=1e-6)
    np.testing.assert_allclose(marked.embed(["dog cat"], "passage"), plain.embed(["blue dog"]), atol=1e-6)


def tagger(folder: Path, *, window: int, hop: int, keys: dict[str, object] | None = None) -> AudioTags:
    """A waveform graph that cuts patches by a strided average: class c scores the mean loudness of patch p times c."""
    make = helper.make_node
    save_graph(
        folder / "model.onnx",
        [
            make("Abs", ["waveform"], ["loud"]),
            make("Unsqueeze", ["loud", "front"], ["shaped"]),
            make("AveragePool", ["shaped"], ["pooled"], kernel_shape=[window], strides=[hop]),
            make("Reshape", ["pooled", "column"], ["patches"]),
            make("MatMul", ["patches", "classes"], ["scores"]),
            make("MatMul", ["patches", "wide"], ["embeddings"]),
        ],
        [("waveform", REAL, ["samples"])],
        [("scores", REAL, ["patches", 3]), ("embeddings", REAL, ["patches", 5])],
        {
            "front": np.array([0, 1], np.int64),
            "column": np.array([-1, 1], np.int64),
            "classes": np.array([[0.1, 0.5, 1.0]], np.float32),
            "wide": np.ones((1, 5), np.float32),
        },
    )
    (folder / "labels.txt").write_text("one\ntwo\nthree\n")
    return AudioTags(card(folder, task="audio-tagging", model="model.onnx", labels="labels.txt", **(keys or {})))


def test_patches_are_found_by_watching_the_graph(tmp_path: Path) -> None:
    network = tagger(tmp_path, window=9_000, hop=4_321, keys={"input": {"min_samples": 9_000}})
    assert (network.window_s, network.hop_s) == (9_000 / 16_000, 4_321 / 16_000)
    assert network.space == "m"


def test_long_sound_in_pieces_equals_the_whole(tmp_path: Path) -> None:
    network = tagger(tmp_path, window=15_600, hop=7_680, keys={"input": {"window_s": 0.975, "hop_s": 0.48}})
    wave = RNG.random(16_000 * 200, np.float32) * np.linspace(0, 1, 16_000 * 200, dtype=np.float32)
    scores, embeddings = network.tag(wave)
    bare = onnxruntime.InferenceSession(tmp_path / "model.onnx").run(["scores"], {"waveform": wave})[0]
    assert len(scores) in {len(bare), len(bare) + 1}
    np.testing.assert_allclose(scores[: len(bare)], bare, atol=1e-5)
    assert embeddings is not None
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("samples", [0, 1, 9_000, 15_600, 15_601, 23_280])
def test_short_sound_still_gives_a_patch(tmp_path: Path, samples: int) -> None:
    network = tagger(tmp_path, window=15_600, hop=7_680, keys={"input": {"window_s": 0.975, "hop_s": 0.48}})
    scores, _ = network.tag(np.ones(samples, np.float32))
    assert len(scores) == (2 if samples == 23_280 else 1)


def test_a_tagger_of_windows_at_another_rate(tmp_path: Path) -> None:
    """[batch, 32000] at 32 kHz, logits out: resampled, cut into windows, sigmoid."""
    make = helper.make_node
    save_graph(
        tmp_path / "model.onnx",
        [make("Mul", ["audio", "audio"], ["square"]), make("MatMul", ["square", "weights"], ["clipwise_output"])],
        [("audio", REAL, ["batch", 32_000])],
        [("clipwise_output", REAL, ["batch", 2])],
        {"weights": np.stack([np.full(32_000, 1 / 32_000), np.full(32_000, -1 / 16_000)], 1).astype(np.float32)},
    )
    (tmp_path / "labels.json").write_text(json.dumps({"id2label": {"0": "loud", "1": "soft"}}))
    network = AudioTags(
        card(
            tmp_path,
            task="audio-tagging",
            model="model.onnx",
            labels="labels.json",
            input={"sample_rate_hz": 32_000, "hop_s": 0.5},
        )
    )
    assert (network.window_s, network.hop_s) == (1.0, 0.5)
    tone = np.sin(np.arange(48_000) * 2 * np.pi * 440 / 16_000).astype(np.float32)
    scores, embeddings = network.tag(tone)
    assert embeddings is None
    assert scores.shape == (5, 2)
    # A sine's mean square is one half.
    np.testing.assert_allclose(scores[1:-1], [[1 / (1 + np.exp(-0.5)), 1 / (1 + np.exp(1))]] * 3, atol=2e-3)


def test_a_tagger_of_log_mel_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Audio Spectrogram Transformer's shape: [batch, frames, bins] by Kaldi's recipe, labels in config.json."""
    make = helper.make_node
    save_graph(
        tmp_path / "model.onnx",
        [make("ReduceMean", ["input_values"], ["logits"], axes=[1], keepdims=0)],
        [("input_values", REAL, ["batch", 100, 64])],
        [("logits", REAL, ["batch", 64])],
        {},
    )
    write_json(tmp_path / "config.json", {"id2label": {str(n): f"band {n}" for n in range(64)}})
    write_json(tmp_path / "preprocessor_config.json", {"num_mel_bins": 64, "max_length": 100, "mean": -4.0, "std": 2.0})
    network = AudioTags(
        card(
            tmp_path,
            task="audio-tagging",
            model="model.onnx",
            labels="config.json",
            input={"features": "kaldi-fbank", "window_s": 1.0, "hop_s": 0.5},
        )
    )
    low, high = (np.sin(np.arange(32_000) * 2 * np.pi * hz / 16_000).astype(np.float32) for hz in (300, 5000))
    bands = [int(network.tag(tone)[0].mean(0).argmax()) for tone in (low, high)]
    # The centre of the loudest band lies at the tone: mel 401.97 and 2362.95 of 31.75 to 2840.02 in 65 steps.
    assert bands == [8, 53]
    rows: list[int] = []
    run = network._session.run

    def watched(feeds: dict[str, np.ndarray], outputs: list[str]) -> list[np.ndarray]:
        rows.append(len(feeds["input_values"]))
        return run(feeds, outputs)

    monkeypatch.setattr(network._session, "run", watched)
    sound = np.concatenate([low, high] * 4)
    found, _ = network.tag(sound)
    assert (len(found), sum(rows)) == (31, 31)
    assert max(rows) <= 4, "a transformer compares all places of a picture with each other, for each row at once"
    np.testing.assert_allclose(found[5], network.tag(sound[5 * 8000 :][:16_000])[0][0], atol=1e-5)
    with pytest.raises(UserFixable):
        AudioTags(card(tmp_path, task="audio-tagging", model="model.onnx", labels="config.json"))


def test_an_idle_session_opens_again(make_clip: Callable[..., Path]) -> None:
    network = ImageText(load_card(make_clip()))
    before = network.embed_texts(["a red dog"])
    used = network.last_used
    network.free()
    assert network._reading._session is None
    np.testing.assert_array_equal(network.embed_texts(["a red dog"]), before)
    assert network.last_used > used


def test_only_declared_inputs_are_fed_and_missing_ones_named(make_clip: Callable[..., Path]) -> None:
    folder = make_clip()
    session = OnnxSession(load_card(folder), "onnx/text_model.onnx")
    ids = np.array([[2, 3]])
    session.run({"input_ids": ids, "attention_mask": ids, "unheard_of": ids}, ["text_embeds"])
    with pytest.raises(UserFixable, match="attention_mask"):
        session.run({"input_ids": ids}, ["text_embeds"])


def test_a_fault_while_running_is_a_sentence(make_clip: Callable[..., Path]) -> None:
    session = OnnxSession(load_card(make_clip()), "onnx/text_model.onnx")
    with pytest.raises(UserFixable) as caught:
        session.run({"input_ids": np.array([[9999]]), "attention_mask": np.array([[1]])}, ["text_embeds"])
    assert caught.value.code == "model.failed"
