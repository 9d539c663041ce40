"""What becomes of the work when the graphics card does not do it. A stand-in for the runtime's session is the card."""

from __future__ import annotations

import os
import subprocess
import sys
import wave
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from media_assistant.errors import UserFixable
from media_assistant.inference.card import load_card
from media_assistant.inference.cuda import find_cards
from media_assistant.inference.hardware import Hardware, usable_providers
from media_assistant.inference.image_text import ImageText
from media_assistant.inference.onnx_faults import first_line
from media_assistant.inference.onnx_session import OnnxSession
from media_assistant.inference.speech import Speech

CPU = "CPUExecutionProvider"
FULL = onnxruntime.capi.onnxruntime_pybind11_state.Fail(
    "[ONNXRuntimeError] : 1 : FAIL : /onnxruntime_src/cuda_call.cc:154 std::conditional_t<THRW, void> onnxruntime::"
    "CudaCall(ERRTYPE, const char*) [with ERRTYPE = cudaError] CUDA failure 2: out of memory ; GPU=0 ; hostname=vm ; "
    "file=/onnxruntime_src/cuda_allocator.cc ; line=77 ; expr=cudaMalloc((void**)&p, size);"
)


class Card:
    """A session that says it runs on a graphics card, and gives up after so many runs."""

    def __init__(self, session: Any, runs: int = 0) -> None:
        self._session = session
        self._runs = runs
        self.shapes: list[tuple[int, ...]] = []

    def get_providers(self) -> list[str]:
        return ["CUDAExecutionProvider", CPU]

    def run(self, outputs: Sequence[str], feeds: dict[str, np.ndarray]) -> Any:
        self.shapes.append(next(iter(feeds.values())).shape)
        if len(self.shapes) > self._runs:
            raise FULL
        return self._session.run(outputs, feeds)


def put_on_card(session: OnnxSession, runs: int = 0) -> Card:
    card = Card(session._session, runs)
    session._session, session.device = card, "CUDA"
    return card


def test_a_card_that_gives_up_leaves_the_work_to_the_processor(make_clip: Callable[..., Path]) -> None:
    network = ImageText(load_card(make_clip()), threads=1)
    wanted = network.embed_texts(["a red dog"])
    put_on_card(network._reading)
    assert network.device == "CUDA"
    np.testing.assert_array_equal(network.embed_texts(["a red dog"]), wanted)
    assert network.device == "CPU"
    (note,) = network.notes
    assert note.code == "hardware.card_gave_up"
    assert note.parameters == {"model": "tiny", "reason": "CUDA failure 2: out of memory"}
    # The card is tried again once the network was let go of.
    network.free()
    assert network.embed_texts(["a red dog"]).shape == (1, 16)
    assert network.notes == ()


def test_what_the_processor_cannot_do_either_is_not_the_cards_fault(make_clip: Callable[..., Path]) -> None:
    session = ImageText(load_card(make_clip()), threads=1)._reading
    card = put_on_card(session)
    wrong = {port.name: np.full((1, 2), 10**6) for port in session.inputs}
    with pytest.raises(UserFixable) as caught:
        session.run(wrong, [session.outputs[0].name])
    assert caught.value.code == "model.failed"
    assert session._session is card
    assert session.notes == ()


def test_a_card_is_always_given_as_many_pictures_at_once(make_clip: Callable[..., Path]) -> None:
    """For each new shape of a convolution its way would be sought afresh."""
    network = ImageText(load_card(make_clip()), threads=1)
    frames = [np.full((36, 64, 3), 20 * n, np.uint8) for n in range(11)]
    wanted = network.embed_images(frames)
    card = put_on_card(network._looking.session, runs=9)
    np.testing.assert_allclose(network.embed_images(frames), wanted, atol=1e-6)
    np.testing.assert_allclose(network.embed_images(frames[:1]), wanted[:1], atol=1e-6)
    assert {shape[0] for shape in card.shapes} == {8}


def test_a_provider_of_the_build_counts_only_where_it_works() -> None:
    usable, why = usable_providers(["ROCMExecutionProvider", CPU, "AzureExecutionProvider"])
    assert (usable, bool(why)) == ((CPU,), True)
    assert usable_providers([CPU]) == ((CPU,), "")


def test_without_a_driver_there_is_no_card() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", "from media_assistant.inference.cuda import find_cards; print(find_cards())"],
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert answer.stdout.strip() == "()"
    assert all(card.name and card.memory_mb > 500 for card in find_cards())


def test_a_fault_of_the_card_fits_into_a_sentence() -> None:
    assert first_line(FULL) == "CUDA failure 2: out of memory"
    full = "FAIL : Non-zero status code returned while running Clip node. Status Message: /src/bfc_arena.cc:376 void* "
    assert first_line(RuntimeError(full + "Failed to allocate memory for requested buffer of size 402653184\n")) == (
        "Failed to allocate memory for requested buffer of size 402653184"
    )
    assert first_line(ValueError("odd\nodder")) == "odd"
    assert first_line(ValueError()) == "ValueError"


class GivesUp:
    """CTranslate2's model, on a card that is gone after so many answers."""

    def __init__(self, model: Any, answers: int) -> None:
        self._model, self._answers = model, answers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def generate(self, *given: Any, **named: Any) -> Any:
        self._answers -= 1
        if self._answers < 0:
            raise RuntimeError("CUDA failed with error out of memory")
        return self._model.generate(*given, **named)


@pytest.mark.parametrize("answers", [0, 1])
def test_speech_goes_on_where_the_card_gave_up(material: Path, answers: int) -> None:
    files = sorted((material / "media" / "digits").glob("*.wav"))
    mono = np.concatenate([_read(file) for file in files])
    mono = np.tile(mono, -(-35 * 16_000 // len(mono)))[: 35 * 16_000]
    promised = Hardware(2, 4096, (CPU,), 0, ("float16",))
    speech = Speech(load_card(material / "models" / "asr-whisper-digits"), hardware=promised, threads=2)
    wanted = _say(speech, mono)
    speech._model.model = GivesUp(speech._model.model, answers)
    speech._device = "cuda"
    assert speech.device == "CUDA"
    said = _say(speech, mono)
    assert speech.device == "CPU"
    assert [note.code for note in speech.notes] == ["hardware.card_gave_up"]
    assert len(wanted.split()) > 20
    same = sum(ours == theirs for ours, theirs in zip(said.split(), wanted.split(), strict=False))
    # What is heard anew begins elsewhere, so a word at the seam may be heard otherwise.
    assert said == wanted if answers == 0 else len(said.split()) >= len(wanted.split()) - 2 and same > 5
    # On the processor already there is nothing left to fall back on.
    speech._model.model = GivesUp(speech._model.model, 0)
    with pytest.raises(UserFixable) as caught:
        _say(speech, mono)
    assert caught.value.code == "model.failed"


def _say(speech: Speech, mono: np.ndarray) -> str:
    _, segments = speech.transcribe(mono, language="en", batch_size=0)
    return " ".join(segment.text for segment in segments)


def _read(file: Path) -> np.ndarray:
    from media_assistant.inference.resample import resample

    with wave.open(str(file)) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16).astype(np.float32) / 32768
        return resample(samples, sound.getframerate(), 16_000)
