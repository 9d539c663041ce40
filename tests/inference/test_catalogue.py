"""Every entry of the catalogue, as its repository lays it out, with random weights: fetched, checked, opened, run.

An entry that comes without a stand-in here fails `test_every_entry_has_a_stand_in`: write one that has exactly its
files, inputs and outputs. The networks are small; what the interface fixes (names, ranks, number types, lengths, the
width of an embedding, the number of classes) is as published.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnx import helper

from media_assistant.inference.audio_tags import AudioTags
from media_assistant.inference.card import ModelCard, load_card
from media_assistant.inference.catalogue import CatalogueEntry, load_catalogue
from media_assistant.inference.hardware import detect
from media_assistant.inference.image_text import ImageText
from media_assistant.inference.install import import_folder
from media_assistant.inference.models import Models
from media_assistant.inference.stand_in import Shape, SpeechShape, shape_from, time_shape, write_speech
from media_assistant.inference.store import ModelStore, State
from media_assistant.inference.text_embedding import TextEmbedding
from media_assistant.items.advice import TASKS
from media_assistant.paths import bundled
from tests.inference.graphs import LONG, REAL, save_graph, text_tower, vision_tower, write_json, write_tokenizer

CATALOGUE = load_catalogue(bundled("models") / "catalogue.toml")
INT = 6
RNG = np.random.default_rng(5)


def clip_of_xenova(folder: Path, entry: CatalogueEntry) -> None:
    """`pixel_values [batch, 3, 224, 224]` → `image_embeds`; `input_ids` and `attention_mask` → `text_embeds`."""
    width = int(entry.card["dimension"])
    vision_tower(folder / entry.card["image_model"], side=224, width=width)
    text_tower(folder / entry.card["text_model"], names=("input_ids", "attention_mask"), width=width)
    write_tokenizer(folder / "tokenizer.json")
    write_json(
        folder / "preprocessor_config.json",
        {"size": {"shortest_edge": 224}, "crop_size": {"height": 224, "width": 224}, "do_center_crop": True},
    )
    write_json(folder / "config.json", {"model_type": "clip", "text_config": {"max_position_embeddings": 77}})
    write_json(folder / "tokenizer_config.json", {"model_max_length": 77, "pad_token": "<pad>"})


def open_clip_of_immich(context: int, resize_mode: str = "shortest") -> Callable[[Path, CatalogueEntry], None]:
    """`image [1, 3, 224, 224]`, `text [1, context]` of whole numbers in 32 bits; both give `embedding`."""

    def write(folder: Path, entry: CatalogueEntry) -> None:
        width = int(entry.card["dimension"])
        visual, textual = folder / "visual", folder / "textual"
        vision_tower(visual / "model.onnx", name="image", out="embedding", side=224, width=width, batch=1)
        text_tower(
            textual / "model.onnx", names=("text",), out="embedding", width=width, length=context, whole=INT, batch=1
        )
        write_tokenizer(textual / "tokenizer.json")
        write_json(textual / "tokenizer_config.json", {"pad_token": "<pad>"})
        write_json(folder / "config.json", {"embed_dim": width, "text_cfg": {"context_length": context}})
        told = {"size": [224, 224], "mean": [0.5] * 3, "std": [0.5] * 3, "interpolation": "bicubic"}
        write_json(visual / "preprocess_cfg.json", {**told, "resize_mode": resize_mode, "fill_color": 0})

    return write


def audio_spectrogram_transformer(folder: Path, entry: CatalogueEntry) -> None:
    """`input_values [batch, 1024, 128]` → `logits [batch, 527]`."""
    make = helper.make_node
    save_graph(
        folder / entry.card["model"],
        [
            make("ReduceMean", ["input_values"], ["bands"], axes=[1], keepdims=0),
            make("MatMul", ["bands", "weights"], ["logits"]),
        ],
        [("input_values", REAL, ["batch", 1024, 128])],
        [("logits", REAL, ["batch", 527])],
        {"weights": RNG.standard_normal((128, 527)).astype(np.float32)},
    )
    labels = {str(number): f"sound {number}" for number in range(527)}
    write_json(folder / "config.json", {"model_type": "audio-spectrogram-transformer", "id2label": labels})
    told = {"num_mel_bins": 128, "max_length": 1024, "mean": -4.2677393, "std": 4.5689974, "do_normalize": True}
    write_json(folder / "preprocessor_config.json", told)


def sentence_encoder(model_type: str, *names: str) -> Callable[[Path, CatalogueEntry], None]:
    """`last_hidden_state [batch, sequence, width]` of what a tokenizer gives."""

    def write(folder: Path, entry: CatalogueEntry) -> None:
        width = int(entry.card["dimension"])
        graph = folder / entry.card["model"]
        text_tower(graph, names=names, out="last_hidden_state", width=width, rank=3, whole=LONG)
        write_tokenizer(folder / "tokenizer.json")
        write_json(folder / "config.json", {"model_type": model_type, "max_position_embeddings": 514})
        write_json(folder / "tokenizer_config.json", {"model_max_length": 512, "pad_token": "<pad>"})

    return write


def whisper(folder: Path, entry: CatalogueEntry) -> None:
    """A CTranslate2 folder of Whisper's architecture with as many mel bands and words as published."""
    shape = shape_from(entry.shape)
    assert isinstance(shape, SpeechShape)
    small = SpeechShape(1, 1, 64, 2, shape.mels, shape.vocabulary)
    folder.mkdir(parents=True, exist_ok=True)
    tokens, tokenizer = whisper_tokenizer(shape.vocabulary)
    write_speech(folder, small, tokens)
    (folder / "tokenizer.json").write_text(tokenizer, "utf-8")
    write_json(folder / "preprocessor_config.json", {"feature_size": shape.mels, "chunk_length": 30})


def whisper_tokenizer(count: int) -> tuple[list[str], str]:
    """Words without meaning, and the marks that faster-whisper looks for by name."""
    from faster_whisper.tokenizer import _LANGUAGE_CODES
    from tokenizers import Tokenizer, models

    marks = ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{code}|>" for code in _LANGUAGE_CODES)]
    marks += ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]
    times = [f"<|{number * 0.02:.2f}|>" for number in range(1501)]
    words = [f"w{number} " for number in range(count - len(marks) - len(times))]
    tokens = [*words, *marks, *times]
    known = {token: number for number, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.WordLevel(known, unk_token="w0 "))
    tokenizer.add_special_tokens(marks)
    return tokens, tokenizer.to_str()


STAND_INS: dict[str, Callable[[Path, CatalogueEntry], None]] = {
    "faster-whisper-base": whisper,
    "faster-whisper-small": whisper,
    "faster-whisper-large-v3-turbo": whisper,
    "faster-whisper-large-v3": whisper,
    "clip-vit-b-32-en": clip_of_xenova,
    "clip-xlm-roberta-b-32": open_clip_of_immich(77),
    "siglip2-b-16": open_clip_of_immich(64, "squash"),
    "clip-xlm-roberta-h-14": open_clip_of_immich(77),
    "ast-audioset": audio_spectrogram_transformer,
    "multilingual-e5-small": sentence_encoder("bert", "input_ids", "attention_mask", "token_type_ids"),
    "bge-m3": sentence_encoder("xlm-roberta", "input_ids", "attention_mask"),
}


def test_every_entry_has_a_stand_in() -> None:
    assert set(STAND_INS) == set(CATALOGUE)


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.id)
def test_an_entry_says_what_a_person_is_shown(entry: CatalogueEntry) -> None:
    assert entry.task in TASKS
    assert entry.level in {"quick", "standard", "exact", "best"}
    assert {"en", "zh"} <= set(entry.about)
    assert entry.size_bytes
    shape = shape_from(entry.shape)
    assert isinstance(shape, SpeechShape) is (entry.task == "speech-recognition")
    if entry.text_shape:
        assert isinstance(shape_from(entry.text_shape), Shape)
    assert bool(entry.text_shape) is ("text_model" in entry.card)


@pytest.fixture
def install(tmp_path: Path) -> Callable[[str], ModelStore]:
    """An entry's stand-in as its repository lies on disk, taken over from there as an offline folder."""

    def take_over(model_id: str) -> ModelStore:
        entry = CATALOGUE[model_id]
        folder = tmp_path / "stick" / entry.repo.split("/")[-1]
        STAND_INS[model_id](folder, entry)
        assert all((folder / name).is_file() for name in entry.files)
        user = tmp_path / "user"
        import_folder(folder, user, CATALOGUE)
        return ModelStore([], user, tmp_path / "none", tmp_path / "none.toml")

    return take_over


def card_of(store: ModelStore, model_id: str) -> ModelCard:
    states = {state.id: state for state in store.states()}
    assert states[model_id].state is State.READY
    store.verify(model_id)
    return load_card(store.user_folder / model_id)


def of_task(task: str) -> list[str]:
    return [entry.id for entry in CATALOGUE.values() if entry.task == task]


@pytest.mark.parametrize("model_id", of_task("image-text-embedding"))
def test_a_network_for_pictures_and_words(install: Callable[[str], ModelStore], model_id: str) -> None:
    network = ImageText(card_of(install(model_id), model_id))
    picture = RNG.integers(0, 255, (300, 400, 3), np.uint8)
    seen, read = network.embed_images([picture] * 3), network.embed_texts(["a red dog", "the sky"])
    assert seen.shape == (3, network.dimension)
    np.testing.assert_allclose(np.linalg.norm(seen, axis=1), 1, atol=1e-5)
    assert read.shape == (2, network.dimension)
    assert not np.allclose(read[0], read[1])


@pytest.mark.parametrize("model_id", of_task("audio-tagging"))
def test_a_network_for_sounds(install: Callable[[str], ModelStore], model_id: str) -> None:
    network = AudioTags(card_of(install(model_id), model_id))
    scores, _ = network.tag(RNG.standard_normal(16_000 * 15).astype(np.float32) * 0.1)
    assert scores.shape == (2, len(network.labels))
    assert 0 <= scores.min() <= scores.max() <= 1


@pytest.mark.parametrize("model_id", of_task("text-embedding"))
def test_a_network_for_texts(install: Callable[[str], ModelStore], model_id: str) -> None:
    network = TextEmbedding(card_of(install(model_id), model_id))
    rows = network.embed(["a red dog", "the sky " * 400, "cat"])
    assert rows.shape == (3, network.dimension)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("model_id", of_task("speech-recognition"))
def test_a_network_for_speech(install: Callable[[str], ModelStore], model_id: str) -> None:
    """What it says means nothing; that it is asked, answers and ends does. Through the cache, as a worker opens it."""
    store = install(model_id)
    card_of(store, model_id)
    models = Models(store, detect(), threads=1)
    network = models.speech()
    sound = RNG.standard_normal(16_000 * 4).astype(np.float32) * 0.1
    assert network._opened().feature_extractor.mel_filters.shape[0] == CATALOGUE[model_id].shape["mels"]
    raw, info = network._opened().transcribe(sound, language="en", vad_filter=False, beam_size=1, max_new_tokens=4)
    assert info.language == "en"
    assert all(segment.end >= segment.start for segment in raw)
    _, segments = network.transcribe(sound, language="en")
    assert list(segments) == []


@pytest.mark.parametrize("is_quantised", [False, True])
def test_a_graph_of_a_shape_is_timed(is_quantised: bool) -> None:
    small = Shape(layers=2, width=64, heads=4, tokens=16, inner=128, is_quantised=is_quantised)
    large = Shape(layers=8, width=256, heads=4, tokens=64, inner=1024, is_quantised=is_quantised)
    quick, slow = (time_shape(shape, detect(), 1) for shape in (small, large))
    assert 0 < quick < slow
