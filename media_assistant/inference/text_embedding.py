"""The meaning of a text as a point: texts of like meaning lie near each other, across languages if the network knows both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from media_assistant.inference.card import ModelCard
from media_assistant.inference.hardware import Hardware
from media_assistant.inference.onnx_session import OnnxNetwork, pick_output, unit_rows
from media_assistant.inference.text_input import TextInput


class TextEmbedding(OnnxNetwork):
    """A sentence encoder with a Hugging Face tokenizer. Knows word vectors pooled in the graph or to be pooled here."""

    def __init__(self, card: ModelCard, *, hardware: Hardware | None = None, threads: int = 2) -> None:
        """Raises UserFixable("model.not_loadable", "model.unsupported", "model.unreadable", "model.file_missing")."""
        super().__init__(card, hardware=hardware, threads=threads)
        self._session = self.open_graph(card.model)
        self._input = TextInput(card, card.model, self._session)
        self._pooling = str(card.extra.get("pooling", "")).lower()
        pooled = pick_output(self._session, 2, card.dimension, ("sentence_embedding", "embed", "pooler"))
        tokens = pick_output(self._session, 3, card.dimension, ("last_hidden_state", "token_embeddings"))
        # A graph that gives both says in its card which counts; without a word, words are pooled here.
        found = pooled if tokens is None or (pooled is not None and "sentence" in pooled.name) else tokens
        if found is None:
            raise self._session.unsupported(f"last_hidden_state [batch, sequence, {card.dimension}]")
        self._output = found

    @property
    def space(self) -> str:
        """The name of the embedding space; vectors of different spaces are never compared."""
        return self.card.space

    @property
    def dimension(self) -> int:
        """The width of a vector."""
        return self.card.dimension

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"] = "passage") -> NDArray[np.float32]:
        """`[n, dimension]`, unit rows; a text in which the network knows nothing is a row of zeros, near to nothing.

        So is a query whose every word is spelled letter by letter: nonsense is near to nothing either.

        `kind` matters to networks that want a query and a passage marked (the card's `query_prefix`, `passage_prefix`).
        """
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for batch in self._input.batches(texts, kind) if texts else []:
            found = self._session.run(batch.feeds, [self._output.name])[0]
            if found.ndim == 3:
                if "cls" in self._pooling:
                    found = found[:, 0]
                else:
                    weights = batch.mask[:, :, None].astype(np.float32)
                    found = (found * weights).sum(1) / np.maximum(weights.sum(1), 1)
            vectors[batch.rows] = found
        if kind == "query":
            vectors[[not self._input.knows(text) for text in texts]] = 0
        return unit_rows(vectors)
