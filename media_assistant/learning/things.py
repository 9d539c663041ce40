"""What is known of some things in one sense: vectors of several spaces, and labels; and how to hand that on as bytes.

A *thing* is an item, or a moment of one. It may have several vectors in a space (the shots of a film), and need not have
any. Labels count with all that they are kinds of: whoever hands them in has added those.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Things:
    """`marks` `[n]` name them (an item's id). `rows` by space the thing `[k]` that each of the unit vectors `[k, d]` is
    of, rising; `labels` of each thing its concepts with their scores (0..1).
    """

    marks: Ints
    rows: Mapping[str, Ints]
    units: Mapping[str, Floats]
    labels: Sequence[Mapping[str, float]]

    def __len__(self) -> int:
        return len(self.marks)

    def known(self) -> NDArray[np.bool_]:
        """`[n]`: of which there is a vector at all."""
        has = np.zeros(len(self), bool)
        for rows in self.rows.values():
            has[rows] = True
        return has

    def take(self, which: Ints) -> Things:
        """These of them, in this order."""
        rows: dict[str, Ints] = {}
        units: dict[str, Floats] = {}
        for space, owners in self.rows.items():
            places = [np.flatnonzero(owners == at) for at in which.tolist()]
            rows[space] = np.repeat(np.arange(len(which)), [len(each) for each in places])
            units[space] = self.units[space][np.concatenate([*places, np.empty(0, np.int64)]).astype(np.int64)]
        return Things(self.marks[which], rows, units, [self.labels[at] for at in which.tolist()])


def gather(
    marks: Sequence[int],
    vectors: Mapping[str, Mapping[int, Sequence[Floats]]],
    labels: Mapping[int, Mapping[str, float]],
) -> Things:
    """Things of what is known by mark. Vectors that are no numbers, or nought, are left out."""
    place = {mark: at for at, mark in enumerate(marks)}
    rows: dict[str, Ints] = {}
    units: dict[str, Floats] = {}
    for space, of in vectors.items():
        found = [(place[mark], values) for mark, each in of.items() if mark in place for values in each]
        found = [
            (at, values) for at, values in found if np.isfinite(values).all() and float(np.abs(values).max()) > 1e-6
        ]
        if found:
            found.sort(key=_place)
            rows[space] = np.array([at for at, _ in found], np.int64)
            units[space] = np.stack([values for _, values in found]).astype(np.float32)
    return Things(np.array(marks, np.int64), rows, units, [labels.get(mark, {}) for mark in marks])


def _place(row: tuple[int, Floats]) -> int:
    return row[0]


def pack(things: Things) -> bytes:
    """As bytes that `unpack` reads; plain arrays, and nothing that could be carried out."""
    names = sorted(things.units)
    words = sorted({concept for each in things.labels for concept in each})
    known = {concept: at for at, concept in enumerate(words)}
    said = [(at, known[concept], score) for at, each in enumerate(things.labels) for concept, score in each.items()]
    arrays: dict[str, NDArray[np.generic]] = {
        "marks": things.marks,
        "said": np.array([row[:2] for row in said], np.int64).reshape(len(said), 2),
        "scores": np.array([row[2] for row in said], np.float32),
        "names": np.frombuffer(json.dumps([names, words]).encode(), np.uint8),
    }
    for at, space in enumerate(names):
        arrays[f"rows{at}"], arrays[f"units{at}"] = things.rows[space], things.units[space]
    return to_bytes(arrays)


def unpack(data: bytes) -> Things:
    """The things of `pack`."""
    arrays = from_bytes(data)
    names, words = json.loads(arrays["names"].tobytes())
    labels: list[dict[str, float]] = [{} for _ in arrays["marks"]]
    for (at, word), score in zip(arrays["said"].tolist(), arrays["scores"].tolist(), strict=True):
        labels[at][words[word]] = score
    return Things(
        arrays["marks"].astype(np.int64),
        {space: arrays[f"rows{at}"].astype(np.int64) for at, space in enumerate(names)},
        {space: arrays[f"units{at}"].astype(np.float32) for at, space in enumerate(names)},
        labels,
    )


def to_bytes(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    """Arrays by name."""
    held = io.BytesIO()
    np.savez(held, **arrays)  # type: ignore[arg-type]
    return held.getvalue()


def from_bytes(data: bytes) -> dict[str, NDArray[np.generic]]:
    """The arrays of `to_bytes`. Raises ValueError for anything else."""
    with np.load(io.BytesIO(data), allow_pickle=False) as found:
        return dict(found)
