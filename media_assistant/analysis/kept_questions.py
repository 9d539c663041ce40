"""Keeps what an image-text network makes of the questions put to it, so that not every worker asks it anew.

Some thousand short texts take a large network half a minute. The matrix lies in a file that may be deleted at
any time; it is made again where it is missing, broken, or of another model or other questions.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from media_assistant.inference.card import ModelCard

Floats = NDArray[np.float32]


def find_kept(folder: Path, card: ModelCard, questions: Sequence[str]) -> Floats | None:
    """The rows `[questions, dimension]` that were kept, or None."""
    file = _file(folder, card, questions)
    try:
        rows = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    is_whole = rows.shape == (len(questions), card.dimension) and rows.dtype == np.float32
    return np.asarray(rows, np.float32) if is_whole and bool(np.isfinite(rows).all()) else None


def keep(folder: Path, card: ModelCard, questions: Sequence[str], rows: Floats) -> None:
    """Write the rows whole or not at all, in place of older ones of this model; without them it only takes longer."""
    file = _file(folder, card, questions)
    draft = file.with_suffix(f".{os.getpid()}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as sink:
            np.save(sink, rows, allow_pickle=False)
        draft.replace(file)
        # Also what a worker that was killed in the middle left of one.
        for other in folder.glob(f"{_prefix(card)}*"):
            if other != file:
                other.unlink(missing_ok=True)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def _prefix(card: ModelCard) -> str:
    return f"questions-{_digest([card.id])}-"


def _file(folder: Path, card: ModelCard, questions: Sequence[str]) -> Path:
    """Named by all that the rows depend on, the network's own files among it: their names, sizes and times."""
    states: list[str] = []
    with contextlib.suppress(OSError):
        for one in sorted(card.folder.iterdir()):
            state = one.stat()
            states.append(f"{one.name} {state.st_size} {state.st_mtime_ns}")
    return folder / f"{_prefix(card)}{_digest([card.revision, str(card.dimension), *states, '', *questions])}.npy"


def _digest(words: Sequence[str]) -> str:
    return hashlib.blake2b("\n".join(words).encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()
