"""A library for the tests of finding: real SQLite, real networks, items by hand."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from media_assistant.inference.hardware import detect
from media_assistant.inference.models import Models
from media_assistant.inference.store import ModelStore
from media_assistant.items.concept import Concept
from media_assistant.items.findings import Finding, Vector
from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense, Source
from media_assistant.items.span import WHOLE, Span, TextSpan
from media_assistant.library.item_store import NewItem
from media_assistant.library.library import Library
from media_assistant.paths import bundled

DOG = Concept("dog", "dog", "狗", ("hound",), ("animal",))
TERRIER = Concept("terrier", "terrier", "梗犬", (), ("dog",))
CAT = Concept("cat", "cat", "猫", (), ("animal",))
ANIMAL = Concept("animal", "animal", "动物")
BEACH = Concept("beach", "beach", "海滩", ("seaside",))


def add(library: Library, title: str, kind: Kind = Kind.VIDEO, facts: Facts | None = None, folder: str = "/m") -> int:
    """One item, whose file is named as its title."""
    number = sum(library.counts().values())
    new = NewItem(
        kind, f"{folder}/{title}", title, 1000 + number, 1, f"hash-{folder}-{title}-{number}", facts or Facts()
    )
    (item_id,), _ = library.add_items([new])
    return item_id


def find(library: Library, item_id: int, *findings: Finding, analyser: str = "sights") -> None:
    """Save findings as an analyser would."""
    library.save_findings(item_id, analyser, 1, "", "", findings, is_first_chunk=True)


def label(concept: Concept, span: Span = WHOLE, score: float = 0.9, sense: Sense = Sense.SEEN) -> Moment:
    return Moment(span, sense, Layer.LABEL, concept=concept, score=score, source=Source("sights"))


def line(text: str, span: Span = WHOLE, sense: Sense = Sense.SAID, score: float = 1.0) -> Moment:
    return Moment(span, sense, Layer.LINE, text=text, score=score, source=Source("speech"))


def open_models(*folders: Path) -> Models:
    own = bundled("models")
    return Models(
        ModelStore(list(folders), Path(tempfile.mkdtemp(prefix="no-models-")), own, own / "catalogue.toml"),
        detect(),
        threads=2,
    )


def index_of(material: Path, kind: str) -> list[dict[str, str]]:
    rows = [json.loads(row) for row in (material / "media" / "index.jsonl").read_text("utf-8").splitlines()]
    return [row for row in rows if row["kind"] == kind]


def look(models: Models, files: Sequence[Path]) -> np.ndarray:
    """Pictures as vectors, by the network's own preparation."""
    network = models.image_text()
    prepared = []
    for file in files:
        with Image.open(file) as picture:
            upright = picture.convert("RGB")
            prepared.append(np.asarray(upright.resize(network.fit(*upright.size), Image.Resampling.BILINEAR)))
    return np.concatenate([network.embed_images(prepared[i : i + 16]) for i in range(0, len(prepared), 16)])


def vector(space: str, values: np.ndarray, span: Span = WHOLE) -> Vector:
    return Vector(space, span, values.astype("<f4").tobytes())


def passage(text: str) -> Moment:
    return Moment(TextSpan(1, 0, len(text)), Sense.WRITTEN, Layer.LINE, text=text, source=Source("words"))


class Embed:
    """Puts texts into every space that takes them, as the engine's resident worker does."""

    def __init__(self, models: Models, *, pictures: bool = False, built_in_only: bool = False) -> None:
        self.texts = [t for t in models.texts() if not built_in_only or "en-zh-small" in t.space]
        self.pictures = models.image_text() if pictures else None
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> Mapping[str, np.ndarray]:
        self.asked += texts
        found = {network.space: network.embed(list(texts), "query") for network in self.texts}
        if self.pictures is not None:
            found[self.pictures.space] = self.pictures.embed_texts(list(texts))
        return found
