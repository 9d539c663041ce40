"""How fast a model would be here that is not here: graphs of its shape with random weights, timed on this computer.

A transformer's layers are alike, so a few of them are built and timed and the rest is reckoned by the work that they
hold. What such a graph says means nothing; how long it takes does, for a network that runs straight through. A speech
model decodes until it has said all, so its figure is derived: one pass of its encoder and the steps of its decoder are
timed, and how many steps a minute of speech takes is assumed.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.inference.card import card_from
from media_assistant.inference.hardware import Hardware
from media_assistant.inference.onnx_session import OnnxSession
from media_assistant.inference.onnx_writer import Graph
from media_assistant.inference.waiting import timed

TOKENS_PER_S = 4.0
"""What a minute of speech is written with, 240 tokens: 160 words at one and a half tokens each."""
_BATCH_WORK = 8e9
"""Multiplications of one timed run at most; more tells nothing more."""
_MOST_WEIGHTS = 4e7
"""Weights that are built at most: a graph of a hundred megabytes takes longer to write than to time."""
_RUNS = 3
_STEPS = (8, 40)
_BEAM = 5

ShouldStop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Shape:
    """A transformer, as the catalogue's `[model.shape]` gives it."""

    layers: int
    width: int
    heads: int
    tokens: int
    """Of one picture, one window of sound, or one line of text."""
    inner: int
    is_quantised: bool = False
    """Whole-number weights, the activations quantised as they come (what `quantize_dynamic` writes)."""
    batch: int = 8
    """Rows that the program gives it at once."""

    @property
    def layer_work(self) -> float:
        """Multiplications of one layer for one row."""
        weights = 4 * self.width**2 + 2 * self.width * self.inner
        return float(self.tokens * weights + 2 * self.tokens**2 * self.width)

    @property
    def work(self) -> float:
        """Multiplications for one row; those of whole numbers count half."""
        return self.layers * self.layer_work * (0.5 if self.is_quantised else 1.0)


@dataclass(frozen=True, slots=True)
class SpeechShape:
    """Whisper's architecture, as the catalogue's `[model.shape]` gives it."""

    encoder_layers: int
    decoder_layers: int
    width: int
    heads: int
    mels: int
    vocabulary: int

    @property
    def encoder_work(self) -> float:
        """Multiplications for thirty seconds of sound."""
        return float(self.encoder_layers * (1500 * 12 * self.width**2 + 2 * 1500**2 * self.width))

    @property
    def step_work(self) -> float:
        """Multiplications of one step of the decoder."""
        return float(self.decoder_layers * 14 * self.width**2 + self.vocabulary * self.width)


def shape_from(table: Mapping[str, Any]) -> Shape | SpeechShape:
    """Raises TypeError for keys that no shape has or that are missing: the catalogue is ours."""
    return SpeechShape(**table) if "encoder_layers" in table else Shape(**table)


def time_shape(shape: Shape, hardware: Hardware, threads: int, should_stop: ShouldStop = bool) -> float:
    """Seconds for one row of the whole network, on the threads and by the session that the real one would get.

    Raises Cancelled, and UserFixable where not even a graph of this size can be opened.
    """
    weights = 4 * shape.width**2 + 2 * shape.width * shape.inner
    built = max(1, min(shape.layers, int(_MOST_WEIGHTS // weights), int(_BATCH_WORK // shape.layer_work), 4))
    rows = max(1, min(shape.batch, int(_BATCH_WORK // (built * shape.layer_work))))
    with tempfile.TemporaryDirectory(prefix="stand-in-") as name:
        folder = Path(name)
        _write_layers(folder / "model.onnx", shape, built)
        card = card_from({**_CARD, "id": "stand-in"}, folder)
        session = OnnxSession(card, "model.onnx", hardware=hardware, threads=threads)
        fed = np.random.default_rng(3).standard_normal((rows, shape.tokens, shape.width)).astype(np.float32)
        took = _median_of(lambda: session.run({"rows": fed}, ["found"]), should_stop)
        session.free()
    return took / rows * shape.layers / built


def time_speech(
    shape: SpeechShape, hardware: Hardware, threads: int, should_stop: ShouldStop = bool
) -> tuple[float, float]:
    """(seconds for the encoder's pass over thirty seconds of sound, seconds for one step of the decoder).

    Raises Cancelled, and UserFixable("model.not_loadable").
    """
    try:
        model, features, encoding = _encoder_on(
            "cuda" if hardware.cuda_devices else "cpu", shape, hardware, threads, should_stop
        )
    except UserFixable:
        if not hardware.cuda_devices:
            raise
        model, features, encoding = _encoder_on("cpu", shape, hardware, threads, should_stop)
    known = model.encode(features, to_cpu=False)
    prompt = [[1, 2, 3, 4]]  # as in _MARKS

    def say(steps: int) -> Callable[[], object]:
        length = len(prompt[0]) + steps
        return lambda: model.generate(
            known, prompt, beam_size=_BEAM, max_length=length, suppress_blank=False, suppress_tokens=[0]
        )

    few, many = (_median_of(say(steps), should_stop) for steps in _STEPS)
    step = max(1e-6, (many - few) / (_STEPS[1] - _STEPS[0]))
    # One layer of each was built. What every step costs besides is the choice among all words, which is in it once.
    share = shape.step_work / replace(shape, decoder_layers=1).step_work
    return encoding * shape.encoder_layers, step * share


def _encoder_on(
    device: str, shape: SpeechShape, hardware: Hardware, threads: int, should_stop: ShouldStop
) -> tuple[Any, Any, float]:
    """(a model of one layer each, thirty seconds of sound as it takes them, seconds for the encoder's layer).

    Raises UserFixable("model.not_loadable"), also where a library is missing or the card's memory is full.
    """
    import ctranslate2

    sound = np.random.default_rng(4).standard_normal((1, shape.mels, 3000)).astype(np.float32)
    features = ctranslate2.StorageView.from_array(sound)
    with tempfile.TemporaryDirectory(prefix="stand-in-") as name:
        write_speech(Path(name), shape)
        try:
            model = ctranslate2.models.Whisper(
                name,
                device=device,
                compute_type=hardware.compute_type(device),
                intra_threads=max(1, threads),
                inter_threads=1,
            )
            return model, features, _median_of(lambda: model.encode(features, to_cpu=False), should_stop)
        except (RuntimeError, ValueError) as fault:
            raise UserFixable("model.not_loadable", model="stand-in", reason=str(fault)[:300]) from fault


_CARD: dict[str, Any] = {"task": "none", "session": "onnx", "languages": [], "licence": "none", "model": "model.onnx"}
_MARKS = (
    "<|endoftext|>",
    "<|startoftranscript|>",
    "<|en|>",
    "<|transcribe|>",
    "<|notimestamps|>",
    "<|nospeech|>",
    "<|startofprev|>",
)
"""The tokens that the decoder asks for by name."""


def _median_of(work: Callable[[], object], should_stop: ShouldStop) -> float:
    """Seconds, after one uncounted run."""
    times: list[float] = []
    for _ in range(_RUNS + 1):
        if should_stop():
            raise Cancelled
        times.append(timed(work))
    return statistics.median(times[1:])


def _write_layers(file: Path, shape: Shape, layers: int) -> None:
    random = np.random.default_rng(2)
    graph = Graph()
    width, heads = shape.width, shape.heads
    split = graph.table(np.array([0, 0, heads, width // heads], np.int64))
    joined = graph.table(np.array([0, 0, width], np.int64))
    scale = graph.table(np.array(1 / np.sqrt(width / heads), np.float32))
    ones, noughts = graph.table(np.ones(width, np.float32)), graph.table(np.zeros(width, np.float32))
    half, one, root = (graph.table(np.array(value, np.float32)) for value in (0.5, 1.0, np.sqrt(2)))

    def times_weights(fed: str, ins: int, outs: int, count: int = 1) -> list[str]:
        """`fed` times that many random matrices."""
        if not shape.is_quantised:
            weights = [random.standard_normal((ins, outs), np.float32) / np.float32(np.sqrt(ins)) for _ in range(count)]
            return [graph.add("MatMul", fed, graph.table(each)) for each in weights]
        whole, step, zero = graph.add("DynamicQuantizeLinear", fed, outputs=3)
        found: list[str] = []
        for _ in range(count):
            weights_name = graph.table(random.integers(-127, 128, (ins, outs), np.int8))
            none = graph.table(np.array(0, np.int8))
            summed = graph.add("MatMulInteger", whole, weights_name, zero, none)
            by = graph.add("Mul", step, graph.table(np.array(1 / (73 * np.sqrt(ins)), np.float32)))
            found.append(graph.add("Mul", graph.add("Cast", summed, to=1), by))
        return found

    rows = graph.take("rows", np.float32, ["batch", shape.tokens, width])
    for _ in range(layers):
        normed = graph.add("LayerNormalization", rows, ones, noughts, axis=-1)
        asked, keys, values = times_weights(normed, width, width, 3)
        asked, values = (
            graph.add("Transpose", graph.add("Reshape", each, split), perm=[0, 2, 1, 3]) for each in (asked, values)
        )
        keys = graph.add("Transpose", graph.add("Reshape", keys, split), perm=[0, 2, 3, 1])
        scores = graph.add("Softmax", graph.add("Mul", graph.add("MatMul", asked, keys), scale), axis=-1)
        mixed = graph.add("Transpose", graph.add("MatMul", scores, values), perm=[0, 2, 1, 3])
        rows = graph.add("Add", rows, times_weights(graph.add("Reshape", mixed, joined), width, width)[0])
        normed = graph.add("LayerNormalization", rows, ones, noughts, axis=-1)
        opened = times_weights(normed, width, shape.inner)[0]
        bent = graph.add("Add", graph.add("Erf", graph.add("Div", opened, root)), one)
        opened = graph.add("Mul", graph.add("Mul", opened, bent), half)
        rows = graph.add("Add", rows, times_weights(opened, shape.inner, width)[0])
    graph.give(rows, "found", ["batch", shape.tokens, width])
    graph.save(file)


def write_speech(folder: Path, shape: SpeechShape, words: Sequence[str] = ()) -> None:
    """A CTranslate2 folder with one layer of each kind, its weights in whole numbers as a published one is loaded.

    `words` are its vocabulary, where somebody wants to read what it writes.
    """
    import json

    from ctranslate2.specs import WhisperSpec

    spec = WhisperSpec(1, shape.heads, 1, shape.heads)
    pool = np.random.default_rng(6).standard_normal(1 << 20, np.float32)
    width, inner = shape.width, 4 * shape.width

    def random(*sizes: int) -> NDArray[np.float32]:
        """The same million numbers again and again: as good for timing, and quick."""
        return np.resize(pool, sizes) / np.float32(np.sqrt(sizes[-1]))

    def fill(part: Any, ins: int, outs: int) -> None:
        part.weight = random(outs, ins)
        part.bias = np.zeros(outs, np.float32)

    def norm(part: Any) -> None:
        part.gamma, part.beta = np.ones(width, np.float32), np.zeros(width, np.float32)

    def attention(part: Any, *sizes: int) -> None:
        norm(part.layer_norm)
        for linear, outs in zip(part.linear, sizes, strict=True):
            fill(linear, width, outs)

    encoder, decoder = spec.encoder, spec.decoder
    for convolution, channels in ((encoder.conv1, shape.mels), (encoder.conv2, width)):
        convolution.weight = random(width, channels, 3)
        convolution.bias = np.zeros(width, np.float32)
    encoder.position_encodings.encodings = random(1500, width)
    decoder.position_encodings.encodings = random(448, width)
    decoder.embeddings.weight = random(shape.vocabulary, width)
    decoder.projection.weight = decoder.embeddings.weight
    for side in (encoder, decoder):
        norm(side.layer_norm)
        for layer in side.layer:
            attention(layer.self_attention, 3 * width, width)
            norm(layer.ffn.layer_norm)
            fill(layer.ffn.linear_0, width, inner)
            fill(layer.ffn.linear_1, inner, width)
    for layer in decoder.layer:
        attention(layer.attention, width, 2 * width, width)
    unread = [*_MARKS, *(f"{number}" for number in range(len(_MARKS), shape.vocabulary))]
    spec.register_vocabulary(list(words) or unread)
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config |= {"suppress_ids": [], "suppress_ids_begin": [], "lang_ids": [], "alignment_heads": []}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
