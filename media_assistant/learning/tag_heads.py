"""The heads of a tag: learnt from its examples in each sense, with the library as their ground.

Heavy libraries are imported here alone, so that a worker process is the one to have them.
"""

from __future__ import annotations

import importlib
import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from media_assistant.learning import groups
from media_assistant.learning.fitting import Fitted, Trial, fit, forms_for
from media_assistant.learning.ground import Ground
from media_assistant.learning.heads import Head, head_from_bytes, head_to_bytes
from media_assistant.learning.things import Things, from_bytes, pack, to_bytes, unpack

_USELESS = 0.7
"""A sense in which left-out examples stand out of the library no better than this (0.5 is chance) is not asked."""
_TELLING = 3
"""Wanted examples that it takes to say so."""


@dataclass(frozen=True, slots=True)
class Part:
    """The examples in one sense; `total` how many things of the library have it, of which `ground` are some."""

    examples: Things
    is_wanted: NDArray[np.bool_]
    ground: Things
    total: int

    def make_ground(self) -> Ground:
        """The library, with the examples' own labels."""
        return Ground(self.ground, self.total, {word for each in self.examples.labels for word in each})


@dataclass(frozen=True, slots=True)
class Learnt:
    """A head by sense, and of each its form, its quality (NaN: unknown) and how many seconds it took; `trials` by sense of
    all forms that were tried, the simplest first.
    """

    heads: dict[str, Head]
    forms: dict[str, str]
    quality: dict[str, float]
    took_s: float
    trials: dict[str, tuple[Trial, ...]] = field(default_factory=dict)


def learn(parts: Mapping[str, Part], forms: Sequence[str] = (), grounds: Mapping[str, Ground] | None = None) -> Learnt:
    """Fit what can be fitted, before these `grounds` if they were made already. A sense that tells nothing is left out, if
    another one does.
    """
    started = time.perf_counter()
    fitted: dict[str, Fitted] = {}
    likes: dict[str, int] = {}
    for sense, part in parts.items():
        known = np.flatnonzero(part.examples.known())
        is_wanted = part.is_wanted[known]
        if is_wanted.any() and len(part.ground) > 1:
            fitted[sense] = fit(
                part.examples.take(known), is_wanted, (grounds or {}).get(sense) or part.make_ground(), forms
            )
            likes[sense] = int(is_wanted.sum())
    good = {
        sense
        for sense, each in fitted.items()
        if likes[sense] < _TELLING or math.isnan(each.quality) or each.quality > _USELESS
    }
    if not good and fitted:
        good = {max(fitted, key=lambda sense: fitted[sense].quality)}
    kept = {sense: fitted[sense] for sense in fitted if sense in good}
    return Learnt(
        {sense: each.head for sense, each in kept.items()},
        {sense: each.head.form for sense, each in kept.items()},
        {sense: each.quality for sense, each in kept.items()},
        time.perf_counter() - started,
        {sense: each.trials for sense, each in kept.items()},
    )


def needs_a_worker(parts: Mapping[str, Part]) -> bool:
    """Whether more than a likeness is to be tried, which takes libraries that are slow to load."""
    return any(len(forms_for(int(part.is_wanted[part.examples.known()].sum()))) > 1 for part in parts.values())


# As bytes, to a worker and back, and into a library


def ask(parts: Mapping[str, Part]) -> bytes:
    """What `answer` reads."""
    arrays: dict[str, NDArray[np.generic]] = {"senses": _text(list(parts))}
    for at, part in enumerate(parts.values()):
        arrays[f"examples{at}"] = np.frombuffer(pack(part.examples), np.uint8)
        arrays[f"ground{at}"] = np.frombuffer(pack(part.ground), np.uint8)
        arrays[f"wanted{at}"], arrays[f"total{at}"] = part.is_wanted, np.array([part.total])
    return to_bytes(arrays)


def answer(data: bytes) -> bytes:
    """What a worker makes of `ask`: what `heard` reads. Groups (`groups.ask`) are formed by the same worker."""
    arrays = from_bytes(data)
    if "grouped" in arrays:
        return groups.answer(arrays)
    parts = {}
    # Loaded whatever is asked, so that an empty question is a warming-up.
    importlib.import_module("sklearn.linear_model")
    importlib.import_module("sklearn.ensemble")
    for at, sense in enumerate(json.loads(arrays["senses"].tobytes())):
        examples, ground = (unpack(arrays[f"{name}{at}"].tobytes()) for name in ("examples", "ground"))
        parts[sense] = Part(examples, arrays[f"wanted{at}"].astype(bool), ground, int(arrays[f"total{at}"][0]))
    return _learnt_to_bytes(learn(parts))


def heard(data: bytes) -> Learnt:
    """What was learnt, as `answer` said it."""
    arrays = from_bytes(data)
    plain = json.loads(arrays["plain"].tobytes())
    return Learnt(
        heads_from_bytes(data),
        plain["forms"],
        {k: float(v) for k, v in plain["quality"].items()},
        plain["took_s"],
        {sense: tuple(Trial(**each) for each in trials) for sense, trials in plain["trials"].items()},
    )


def _learnt_to_bytes(learnt: Learnt) -> bytes:
    quality = {sense: str(value) for sense, value in learnt.quality.items()}
    trials = {sense: [asdict(each) for each in tried] for sense, tried in learnt.trials.items()}
    plain = {"forms": learnt.forms, "quality": quality, "took_s": learnt.took_s, "trials": trials}
    return to_bytes({**_heads_as_arrays(learnt.heads), "plain": _text(plain)})


def heads_to_bytes(heads: Mapping[str, Head]) -> bytes:
    """To be kept in a library."""
    return to_bytes(_heads_as_arrays(heads))


def heads_from_bytes(data: bytes) -> dict[str, Head]:
    """As they were kept. Raises ValueError."""
    arrays = from_bytes(data)
    senses = json.loads(arrays["senses"].tobytes())
    return {sense: head_from_bytes(arrays[f"head{at}"].tobytes()) for at, sense in enumerate(senses)}


def _heads_as_arrays(heads: Mapping[str, Head]) -> dict[str, NDArray[np.generic]]:
    found: dict[str, NDArray[np.generic]] = {"senses": _text(list(heads))}
    for at, head in enumerate(heads.values()):
        found[f"head{at}"] = np.frombuffer(head_to_bytes(head), np.uint8)
    return found


def _text(value: object) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(value).encode(), np.uint8)
