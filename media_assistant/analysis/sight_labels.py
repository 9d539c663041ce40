"""What is seen in a picture, as concepts with their ancestors, from a classifier, an image-text network, or both.

Evidence for a concept is the sum over what is a kind of it: a picture that may be one of ten breeds is surely a dog.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.kept_questions import find_kept, keep
from media_assistant.analysis.vocabulary import load_vocabulary
from media_assistant.inference.image_text import ImageText
from media_assistant.inference.labels import Label
from media_assistant.items.concept import Concept

LEAST = 0.25
"""What is less likely than this is not said."""
_MOST = 8
_CLASSIFIER_SHARE = 0.7
_SHARPNESS = 2.0
"""Softmax over similarities in units of their spread; CLIP's own scale of 100 comes to a little more."""
_PROMPTS = ("{}", "a photo of {}")

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Seen:
    """One concept and how likely it is there, 0..1."""

    concept: Concept
    score: float


class Roll:
    """Adds the evidence of a list of classes up the tree: a matrix from classes to concepts."""

    def __init__(self, ids: Sequence[tuple[str, ...]], concepts: dict[str, Concept]) -> None:
        """`ids[i]` are the concepts that class i stands for, the class's own first."""
        self.concepts = concepts
        self.names = list(dict.fromkeys(id_ for row in ids for id_ in row))
        place = {id_: number for number, id_ in enumerate(self.names)}
        self._rows = np.repeat(np.arange(len(ids)), [len(row) for row in ids])
        self._columns = np.array([place[id_] for row in ids for id_ in row], np.intp)

    def __call__(self, probabilities: Floats) -> dict[str, float]:
        """Concept id -> summed probability, of `[classes]`."""
        sums = np.bincount(self._columns, probabilities[self._rows], len(self.names))
        return {self.names[i]: float(min(sums[i], 1.0)) for i in np.flatnonzero(sums > 0.01)}


@lru_cache(maxsize=4)
def roll_of(labels: tuple[Label, ...], model_id: str) -> Roll:
    """For a classifier: by WordNet id, else by name in either language, else a concept of the model's own."""
    vocabulary = load_vocabulary()
    by_name: dict[str, str] = {}
    for id_, concept in vocabulary.by_id.items():
        by_name.setdefault(concept.en.lower(), id_)
        if concept.zh:
            by_name.setdefault(concept.zh, id_)
    concepts = dict(vocabulary.by_id)
    rows = []
    for label in labels:
        name = label.name_en.split(",")[0].strip()
        own = vocabulary.by_wnid.get(label.key) or by_name.get(name.lower())
        if own is None:
            own = f"{model_id}:{name}"
            concepts[own] = Concept(own, name, label.name_zh)
        rows.append((own, *vocabulary.ancestors.get(own, ())))
    return Roll(rows, concepts)


class ZeroShot:
    """Asks an image-text network about every everyday concept."""

    def __init__(self, network: ImageText, folder: Path) -> None:
        """`folder` is where the questions are kept in the network's space."""
        vocabulary = load_vocabulary()
        ids = vocabulary.everyday
        names = [vocabulary.by_id[id_].en for id_ in ids]
        questions = [prompt.format(name) for prompt in _PROMPTS for name in names]
        rows = find_kept(folder, network.card, questions)
        if rows is None:
            rows = network.embed_texts(questions)
            keep(folder, network.card, questions, rows)
        sums = rows.reshape(len(_PROMPTS), len(names), -1).sum(0)
        self._texts = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)
        self._scale = float(network.card.thresholds.get("logit_scale", 0.0))
        self.concepts = dict(vocabulary.by_id)
        self._roll = Roll([(id_, *vocabulary.ancestors[id_]) for id_ in ids], self.concepts)

    def __call__(self, embedding: Floats) -> dict[str, float]:
        """Concept id -> probability, of one unit vector."""
        likeness = self._texts @ embedding
        scale = self._scale or _SHARPNESS / max(float(likeness.std()), 1e-6)
        powers = np.exp(scale * (likeness - likeness.max()))
        return self._roll((powers / powers.sum()).astype(np.float32))


_zero_shots: dict[str, ZeroShot] = {}


def zero_shot_of(network: ImageText, folder: Path) -> ZeroShot:
    """The questions in a network's space: some thousand texts, embedded once and kept in `folder`."""
    key = f"{network.card.id}:{network.card.revision}"
    if key not in _zero_shots:
        _zero_shots.clear()
        _zero_shots[key] = ZeroShot(network, folder)
    return _zero_shots[key]


def join(named: dict[str, float], asked: dict[str, float], covered: Sequence[str]) -> dict[str, float]:
    """One probability from both networks. What the classifier has no class for is the other's word alone, held lower."""
    known = set(covered)
    return {
        id_: _CLASSIFIER_SHARE * named.get(id_, 0.0) + (1 - _CLASSIFIER_SHARE) * asked.get(id_, 0.0)
        if id_ in known
        else 0.7 * asked[id_]
        for id_ in {*named, *asked}
    }


def choose(scores: dict[str, float], concepts: dict[str, Concept]) -> list[Seen]:
    """What is likely enough to be said, most likely first; a very general concept stands just below what it is made of."""
    vocabulary = load_vocabulary()
    likely = {id_: score for id_, score in scores.items() if score >= LEAST and id_ not in vocabulary.shelves}
    for id_ in [one for one in likely if one in vocabulary.general]:
        below = [score for other, score in likely.items() if id_ in vocabulary.ancestors.get(other, ())]
        # "An animal", and no word which one, helps nobody.
        likely[id_] = min(likely[id_], 0.98 * max(below)) if below else 0.0
    depth = {id_: len(vocabulary.ancestors.get(id_, ())) for id_ in likely}
    order = sorted((id_ for id_ in likely if likely[id_]), key=lambda id_: (-round(likely[id_], 3), -depth[id_], id_))
    return [Seen(concepts[id_], round(likely[id_], 3)) for id_ in order[:_MOST]]
