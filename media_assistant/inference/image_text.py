"""Pictures and words in one space: a picture's vector lies near the vectors of what can be said of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from media_assistant.inference.card import ModelCard
from media_assistant.inference.hardware import Hardware
from media_assistant.inference.image_input import ImageInput, Pixels, read_image_input
from media_assistant.inference.onnx_session import OnnxNetwork, OnnxSession, Port, pick_output, unit_rows
from media_assistant.inference.text_input import TextInput

_BATCH = 8
_HINTS = ("embeds", "embedding", "pooler", "output")


class ImageText(OnnxNetwork):
    """Two towers: `image_model` and `text_model` of the card (CLIP, SigLIP and their kin as ONNX)."""

    def __init__(self, card: ModelCard, *, hardware: Hardware | None = None, threads: int = 2) -> None:
        """Raises UserFixable("model.not_loadable", "model.unsupported", "model.unreadable", "model.file_missing")."""
        super().__init__(card, hardware=hardware, threads=threads)
        self._looking = Looking(self, card.image_model or card.model)
        self._reading = self.open_graph(card.text_model or card.model)
        self._text_input = TextInput(card, card.text_model or card.model, self._reading)
        self._image_out = _embedding(self._looking.session, card.dimension)
        self._text_out = _embedding(self._reading, card.dimension)

    @property
    def space(self) -> str:
        """The name of the embedding space; vectors of different spaces are never compared."""
        return self.card.space

    @property
    def dimension(self) -> int:
        """The width of a vector."""
        return self.card.dimension

    def fit(self, width: int, height: int) -> tuple[int, int]:
        """The (width, height) in which a picture of this size is best asked for."""
        return self._looking.input.fit(width, height)

    def prepare(self, rgb: Pixels) -> NDArray[np.float32]:
        """`[3, s, s]` as the network sees it, from `[h, w, 3]`."""
        return self._looking.input.prepare(rgb)

    def embed_images(self, pictures: Sequence[Pixels]) -> NDArray[np.float32]:
        """`[n, dimension]`, unit rows, of pictures `[h, w, 3]` RGB (best of the size that `fit` gives)."""
        found = [run[0] for run in self._looking.run(pictures, [self._image_out])]
        return unit_rows(np.concatenate(found)) if found else np.zeros((0, self.dimension), np.float32)

    def embed_texts(self, texts: Sequence[str], kind: Literal["query", "passage"] = "passage") -> NDArray[np.float32]:
        """`[n, dimension]`, unit rows; a query that the network can only spell letter by letter is a row of zeros."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for batch in self._text_input.batches(texts, kind) if texts else []:
            vectors[batch.rows] = self._reading.run(batch.feeds, [self._text_out])[0]
        if kind == "query":
            vectors[[not self._text_input.knows(text) for text in texts]] = 0
        return unit_rows(vectors)


class Looking:
    """A graph that takes one batch of pictures, and how it wants them."""

    def __init__(self, network: OnnxNetwork, model: str) -> None:
        self.session = network.open_graph(model)
        self.session.rows_on_card = _BATCH
        ports = [port for port in self.session.inputs if port.is_float and len(port.shape) == 4]
        if len(ports) != 1:
            raise self.session.unsupported("pixel_values")
        declared = ports[0]
        self._has_channels_last = declared.shape[3] == 3 and declared.shape[1] != 3
        self._name = declared.name
        shape = declared.shape
        if self._has_channels_last:
            shape = (shape[0], shape[3], shape[1], shape[2])
        as_seen = Port(declared.name, declared.dtype, shape)
        self.input: ImageInput = read_image_input(network.card, model, self.session, as_seen)

    def run(self, pictures: Sequence[Pixels], outputs: Sequence[str]) -> list[list[NDArray[Any]]]:
        """The named outputs, batch by batch."""
        width, height = self.input.crop
        runs: list[list[NDArray[Any]]] = []
        for start in range(0, len(pictures), _BATCH):
            batch = pictures[start : start + _BATCH]
            pixels = np.empty((len(batch), 3, height, width), np.float32)
            for place, picture in enumerate(batch):
                self.input.prepare(picture, pixels[place])
            fed = pixels.transpose(0, 2, 3, 1) if self._has_channels_last else pixels
            runs.append(self.session.run({self._name: fed}, outputs))
        return runs


def _embedding(session: OnnxSession, dimension: int) -> str:
    port = pick_output(session, 2, dimension, _HINTS)
    if port is None:
        raise session.unsupported(f"embedding [batch, {dimension}]")
    return port.name
