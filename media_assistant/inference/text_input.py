"""From texts to what a network wants to read: `tokenizer.json` with what the files beside it say of lengths and padding."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from media_assistant.errors import UserFixable
from media_assistant.inference.card import ModelCard
from media_assistant.inference.onnx_session import OnnxSession, Port
from media_assistant.items.folding import fold

_LONGEST = 512
_PADS = ("[PAD]", "<pad>", "<|pad|>", "<|endoftext|>", "</s>")
_UNKNOWN = ("[UNK]", "<unk>", "<|unk|>")
_WORD = re.compile(r"[^\W\d_]+")
_SHORT = 3
_TOKENS_PER_RUN = 8192
_ROWS_PER_RUN = 64


@dataclass(frozen=True, slots=True)
class Batch:
    """`rows` are the places of these texts in the list that was asked for."""

    rows: NDArray[np.intp]
    feeds: Mapping[str, NDArray[np.int64]]
    mask: NDArray[np.int64]
    """`[batch, sequence]`, 1 for a token and 0 for padding."""


class TextInput:
    """One tokenizer, set up for one graph."""

    def __init__(self, card: ModelCard, model: str, session: OnnxSession) -> None:
        """Raises UserFixable("model.not_loadable", "model.unsupported", "model.unreadable")."""
        self._session = session
        self._ids = self._port_for_ids()
        folder = Path(model).parent
        name = card.tokenizer or _first_file(card, (folder / "tokenizer.json", Path("tokenizer.json")))
        if not name:
            raise UserFixable("model.file_missing", model=card.id, file="tokenizer.json")
        try:
            self._tokenizer = Tokenizer.from_str(card.path(name).read_text("utf-8"))
        except OSError as fault:
            raise UserFixable("model.unreadable", model=card.id, file=name, reason=str(fault)) from fault
        except Exception as fault:
            # The library raises nothing more special.
            raise UserFixable("model.not_loadable", model=card.id, reason=f"{name}: {fault}") from fault
        places = dict.fromkeys((Path(name).parent, folder, Path()))
        config = _merged(card, [place / "config.json" for place in reversed(places)])
        tokenizing = _merged(card, [place / "tokenizer_config.json" for place in reversed(places)])
        text_config = config.get("text_cfg") or config.get("text_config") or {}
        kind = str(config.get("model_type", "")) + str(text_config.get("model_type", ""))
        self._pad_id = self._find_pad(tokenizing)
        self._longest = self._find_longest(card, config, text_config, tokenizing)
        self._pad_to = self._find_pad_to(card, config, kind)
        arguments = text_config.get("tokenizer_kwargs") or {}
        self._clean = str(card.input.get("clean", "")) or str(arguments.get("clean", ""))
        self._prefixes = {
            "query": str(card.input.get("query_prefix", "")),
            "passage": str(card.input.get("passage_prefix", "")),
        }
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self._longest)

    def batches(self, texts: Sequence[str], kind: str = "query") -> list[Batch]:
        """The texts in batches of similar length, for padding costs as much as words. `kind`: `query` or `passage`."""
        prefix = self._prefixes[kind]
        encoded = self._tokenizer.encode_batch_fast([prefix + self._cleaned(text) for text in texts])
        ids = [code.ids or [self._pad_id] for code in encoded]
        lengths = np.array([len(row) for row in ids], np.intp)
        order = np.argsort(lengths, kind="stable")
        batches: list[Batch] = []
        start = 0
        while start < len(order):
            stop = start + 1
            while (
                stop < len(order)
                and stop - start < _ROWS_PER_RUN
                and lengths[order[stop]] * (stop - start + 1) <= _TOKENS_PER_RUN
            ):
                stop += 1
            batches.append(self._batch(order[start:stop], ids))
            start = stop
        return batches

    def knows(self, text: str) -> bool:
        """Whether the tokenizer knows a word of this text, rather than spelling all of it letter by letter.

        A network puts spelled-out nonsense somewhere, and that somewhere is near to something. True for a text without
        words, such as a number.
        """
        words = _WORD.findall(self._cleaned(text))
        return not words or any(self._knows_word(word) for word in words)

    def _knows_word(self, word: str) -> bool:
        code = self._tokenizer.encode(word, add_special_tokens=False)
        unknown = {self._tokenizer.token_to_id(token) for token in _UNKNOWN}
        ids = zip(code.ids, code.tokens, strict=True)
        pieces = [token for number, token in ids if number not in unknown and token.strip("▁Ġ#")]
        if not pieces:
            return False
        return not word.isascii() or len(word) <= _SHORT or len(word) >= 2 * len(pieces)

    def _batch(self, rows: NDArray[np.intp], ids: list[list[int]]) -> Batch:
        width = self._pad_to or max(len(ids[row]) for row in rows)
        tokens = np.full((len(rows), width), self._pad_id, np.int64)
        mask = np.zeros((len(rows), width), np.int64)
        for place, row in enumerate(rows):
            known = ids[row][:width]
            tokens[place, : len(known)] = known
            mask[place, : len(known)] = 1
        feeds: dict[str, NDArray[np.int64]] = {}
        for port in self._session.inputs:
            if port is self._ids:
                feeds[port.name] = tokens
            elif "mask" in port.name:
                feeds[port.name] = mask
            elif "type" in port.name:
                feeds[port.name] = np.zeros_like(tokens)
            elif "position" in port.name:
                feeds[port.name] = np.broadcast_to(np.arange(width, dtype=np.int64), tokens.shape)
        return Batch(rows, feeds, mask)

    def _cleaned(self, text: str) -> str:
        if self._clean == "fold":
            return fold(text)
        if self._clean == "canonicalize":
            # open_clip's cleaning for SigLIP: lower case, no punctuation, single spaces.
            bare = text.replace("_", " ").translate(str.maketrans("", "", string.punctuation)).lower()
            return re.sub(r"\s+", " ", bare).strip()
        return text

    def _port_for_ids(self) -> Port:
        whole = [port for port in self._session.inputs if not port.is_float and len(port.shape) == 2]
        others = ("mask", "type", "position")
        found = [port for port in whole if not any(part in port.name for part in others)]
        if len(found) != 1:
            raise self._session.unsupported("input_ids")
        return found[0]

    def _find_pad(self, tokenizing: Mapping[str, Any]) -> int:
        if self._tokenizer.padding:
            return int(self._tokenizer.padding["pad_id"])
        named = tokenizing.get("pad_token")
        if isinstance(named, dict):
            named = named.get("content")
        for token in (named, *_PADS):
            number = self._tokenizer.token_to_id(token) if isinstance(token, str) else None
            if number is not None:
                return int(number)
        return 0

    def _find_longest(
        self,
        card: ModelCard,
        config: Mapping[str, Any],
        text_config: Mapping[str, Any],
        tokenizing: Mapping[str, Any],
    ) -> int:
        declared = self._ids.shape[1]
        if declared is not None:
            return declared
        limits = [card.input.get("max_tokens"), text_config.get("context_length"), tokenizing.get("model_max_length")]
        limits.append(text_config.get("max_position_embeddings"))
        positions = config.get("max_position_embeddings")
        if isinstance(positions, int):
            # RoBERTa's kin count positions from the padding's id + 1.
            limits.append(positions - 2 if "roberta" in str(config.get("model_type", "")) else positions)
        known = [int(limit) for limit in limits if isinstance(limit, int) and 0 < limit <= 100_000]
        return min([*known[:1], *known[1:], _LONGEST])

    def _find_pad_to(self, card: ModelCard, config: Mapping[str, Any], kind: str) -> int:
        """A fixed length, or 0 for the length of the longest text in the batch.

        open_clip's and SigLIP's text towers have learned with padding and read nonsense without it.
        """
        if self._ids.shape[1] is not None:
            return self._ids.shape[1]
        if isinstance(card.input.get("pad_to"), int):
            return int(card.input["pad_to"])
        is_fixed = "text_cfg" in config or "siglip" in kind
        return self._longest if is_fixed else 0


def _first_file(card: ModelCard, names: Sequence[Path]) -> str:
    return next((name.as_posix() for name in names if card.path(name.as_posix()).is_file()), "")


def _merged(card: ModelCard, names: Sequence[Path]) -> dict[str, Any]:
    """The JSON objects that are there, later ones over earlier ones."""
    merged: dict[str, Any] = {}
    for name in names:
        file = card.path(name.as_posix())
        if not file.is_file():
            continue
        try:
            found = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError) as fault:
            raise UserFixable("model.unreadable", model=card.id, file=name.as_posix(), reason=str(fault)) from fault
        if isinstance(found, dict):
            merged |= found
    return merged
