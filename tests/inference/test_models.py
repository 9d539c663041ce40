from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from media_assistant.errors import UserFixable
from media_assistant.inference.hardware import Hardware, detect
from media_assistant.inference.models import Models
from media_assistant.inference.ocr import Ocr
from media_assistant.inference.store import ModelStore
from media_assistant.items.sentence import Sentence

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def models(tmp_path: Path) -> Models:
    own = ROOT / "models"
    return Models(ModelStore([tmp_path / "extra"], tmp_path / "user", own, own / "catalogue.toml"), detect(), threads=1)


def test_without_a_model_the_task_is_named(models: Models) -> None:
    for ask, task in (
        (models.image_text, "image-text-embedding"),
        (models.image_classes, "image-classification"),
        (models.sounds, "audio-tagging"),
        (models.music, "music-tagging"),
        (models.speech, "speech-recognition"),
    ):
        with pytest.raises(UserFixable) as caught:
            ask()
        assert caught.value.code == "model.missing"
        assert caught.value.parameters["task"] == task


def test_the_built_in_text_space_is_always_there(models: Models) -> None:
    (network,) = models.texts()
    assert network.embed(["dog"]).shape == (1, network.dimension)


def test_a_network_is_opened_once_and_closed_when_idle(
    models: Models, tmp_path: Path, make_clip: Callable[..., Path]
) -> None:
    make_clip(tmp_path / "extra" / "tiny")
    network = models.image_text()
    assert models.image_text() is network
    assert models.free_idle(after_s=60) == 0
    assert models.free_idle(after_s=-1) == 1
    assert network._reading._session is None
    assert models.image_text() is not network
    # Whoever still holds the old one can go on with it.
    assert network.embed_texts(["dog"]).shape == (1, 16)


def test_a_network_that_was_replaced_is_opened_anew(
    models: Models, tmp_path: Path, make_clip: Callable[..., Path]
) -> None:
    make_clip(tmp_path / "extra" / "tiny", revision="1")
    old = models.image_text()
    make_clip(tmp_path / "extra" / "tiny", revision="2")
    new = models.image_text()
    assert (old.card.revision, new.card.revision) == ("1", "2")
    assert list(models._open.values()) == [new], "the old one takes no memory any more"
    assert models.image_text() is new


def test_a_broken_model_is_never_opened(models: Models, tmp_path: Path, make_clip: Callable[..., Path]) -> None:
    folder = make_clip(tmp_path / "extra" / "tiny", sha256={"onnx/text_model.onnx": "0" * 64})
    with pytest.raises(UserFixable) as caught:
        models.image_text()
    assert caught.value.code == "model.broken"
    assert {state.id: state.state for state in models.store.states()}[folder.name] == "broken"


def test_a_broken_text_model_does_not_take_the_others_along(
    models: Models, tmp_path: Path, make_clip: Callable[..., Path]
) -> None:
    make_clip(
        tmp_path / "extra" / "bad",
        id="bad",
        task="text-embedding",
        model="onnx/text_model.onnx",
        image_model=None,
        text_model=None,
        sha256={"onnx/text_model.onnx": "0" * 64},
    )
    assert [network.card.id for network in models.texts()] == ["text-en-zh-small"]


def test_words_are_put_into_every_space_of_pictures_that_holds_some(
    models: Models, tmp_path: Path, make_clip: Callable[..., Path]
) -> None:
    for priority, model in enumerate(("unused", "old", "best")):
        make_clip(tmp_path / "extra" / model, id=model, space=f"{model}-1", priority=priority)
    make_clip(tmp_path / "extra" / "smaller", id="smaller", space="best-1")
    assert [each.card.id for each in models.image_texts(())] == ["best"]
    assert [each.card.id for each in models.image_texts(["best-1", "old-1", "sounds"])] == ["best", "old"]


def test_a_provider_that_fails_falls_back_with_a_sentence(tmp_path: Path, make_clip: Callable[..., Path]) -> None:
    """A graphics card is promised that is not there: the processor does the work, and the person is told."""
    make_clip(tmp_path / "extra" / "tiny")
    store = ModelStore([tmp_path / "extra"], tmp_path / "user", tmp_path / "none", tmp_path / "none.toml")
    promised = Hardware(2, 4096, ("NoSuchExecutionProvider", "CPUExecutionProvider"), 0)
    models = Models(store, promised, threads=1)
    assert models.image_text().embed_texts(["dog"]).shape == (1, 16)
    assert [note.code for note in models.notes()] == ["hardware.provider_fell_back"]
    assert models.notes()[0].parameters == {
        "model": "tiny",
        "wanted": "NoSuch",
        "used": "CPU",
        "reason": "not in this build of ONNX Runtime",
    }


def test_why_a_network_runs_on_less_is_said_while_it_works(tmp_path: Path, make_clip: Callable[..., Path]) -> None:
    make_clip(tmp_path / "extra" / "tiny")
    store = ModelStore([tmp_path / "extra"], tmp_path / "user", tmp_path / "none", tmp_path / "none.toml")
    full = Sentence("hardware.card_unusable", {"card": "A card", "reason": "CUDA failure 2: out of memory"})
    notes = (full, Sentence("hardware.speech_on_cpu"))
    promised = Hardware(2, 4096, ("NoSuchExecutionProvider", "CPUExecutionProvider"), 0, notes=notes)
    models = Models(store, promised, threads=1)
    assert models.setbacks(0) == ()
    models.image_text().embed_texts(["dog"])
    assert [note.code for note in models.setbacks(0)] == ["hardware.card_unusable", "hardware.provider_fell_back"]
    assert models.setbacks(time.monotonic()) == ()


def test_hardware_is_told_honestly() -> None:
    found = detect()
    assert found.cores >= 1
    assert found.memory_mb > 500
    assert found.onnx_providers[-1] == "CPUExecutionProvider"
    assert "AzureExecutionProvider" not in found.onnx_providers
    assert found.compute_type("cpu") in {"int8", "float32"}
    if not found.has_gpu:
        assert {note.code for note in found.notes} == {"hardware.networks_on_cpu", "hardware.speech_on_cpu"}


def test_writing_is_read_in_both_languages_without_chatter(capfd: pytest.CaptureFixture[str]) -> None:
    picture = Image.new("RGB", (640, 360), (250, 250, 240))
    draw = ImageDraw.Draw(picture)
    draw.text((40, 60), "Summer holiday 2025", fill=(20, 20, 60), font=ImageFont.load_default(40))
    ocr = Ocr(threads=1)
    (line,) = ocr.read(np.asarray(picture))
    assert line.text == "Summer holiday 2025"
    assert line.score > 0.9
    assert 0.04 < line.box.left < 0.08
    assert 0.12 < line.box.top < 0.22
    assert ocr.read(np.zeros((200, 300, 3), np.uint8)) == []
    assert ocr.read(np.zeros((4, 4, 3), np.uint8)) == []
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""


def test_the_store_needs_no_network_library() -> None:
    """The window lists models in its own process; networks' libraries stay out of it."""
    heavy = ["numpy", "onnxruntime", "ctranslate2", "faster_whisper", "huggingface_hub", "tokenizers", "av", "cv2"]
    code = (
        "import sys; from media_assistant.inference import download, install, store; from media_assistant.paths "
        f"import find_paths; store.open_store(find_paths()).states(); print([n for n in {heavy!r} if n in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert answer.stdout.strip() == "[]"
