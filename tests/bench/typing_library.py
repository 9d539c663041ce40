"""A made-up library for the trials of search as you type: kept on disk, for making it takes longer than measuring it.

Words follow Zipf's law, one line in four is Chinese, labels come from the program's own vocabulary. Every item has 20
moments, most of them lines; three of them, on average, are shots with a vector of 512 numbers: a concept's vector by
the text network, turned into 512 dimensions, with noise of twice its length.
"""

from __future__ import annotations

import itertools
import random
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.vocabulary import all_concepts
from media_assistant.items.findings import Finding, Vector
from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import TimeSpan
from media_assistant.library.item_store import NewItem
from media_assistant.library.library import Library

Floats = NDArray[np.float32]

SPACE, WIDTH = "made-up-512", 512
MOMENTS = 20
VECTORS_OF_KIND = {Kind.VIDEO: 6, Kind.MUSIC: 3, Kind.TEXT: 2, Kind.PHOTO: 1}
COMMON = [
    "the",
    "dog",
    "a",
    "of",
    "in",
    "sea",
    "light",
    "stone",
    "water",
    "man",
    "walking",
    "and",
    "to",
    "it",
    "is",
    "was",
    "he",
    "she",
    "home",
    "stand",
]
HAN = "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然"
WORDS = 200_000
NOISE = 2.0
CHUNK = 500


class Network(Protocol):
    """What puts a concept's name into the space."""

    def __call__(self, texts: list[str], /) -> Floats: ...


def words() -> list[str]:
    """Every word of the library, the commonest first."""
    draw = random.Random(1)
    syllables = [a + b for a in "bcdfghlmnprst" for b in "aeiou"]
    names = [name for concept in all_concepts() for name in concept.en.split() if name.isalpha()]
    made = ["".join(draw.choices(syllables, k=draw.randint(2, 5))) for _ in range(WORDS)]
    return list(dict.fromkeys([*COMMON, *names, *made]))


@lru_cache(maxsize=1)
def _turn(width: int) -> NDArray[np.float64]:
    """A fixed rotation into 512 dimensions. Made once: it takes as long as a whole search."""
    return np.linalg.qr(np.random.default_rng(5).standard_normal((WIDTH, width)))[0]


def widen(rows: Floats) -> Floats:
    """Unit vectors of any width as unit vectors of 512, their cosines kept: turned by a fixed rotation."""
    wide: Floats = np.ascontiguousarray(rows @ _turn(rows.shape[1]).T, np.float32)
    return wide


def open_library(folder: Path, items: int, network: Network) -> Library:
    """The library of so many items in `folder`, made if it is not there, gone on with if it is not whole."""
    folder.mkdir(parents=True, exist_ok=True)
    library = Library.open(folder / f"typing-{items}.sqlite")
    there = library.finding.count()
    if there < items:
        _fill(library, there, items, network)
    return library


def _fill(library: Library, there: int, items: int, network: Network) -> None:
    vocabulary = words()
    zipf = list(itertools.accumulate(1 / (rank + 1) for rank in range(len(vocabulary))))
    concepts = list(all_concepts())
    names = [concept.en for concept in concepts]
    centres = np.concatenate([widen(network(names[start : start + 256])) for start in range(0, len(names), 256)])
    kinds = list(Kind)
    for start in range(there, items, CHUNK):
        draw, noise = random.Random(start), np.random.default_rng(start)
        titles = [f"{' '.join(draw.choices(vocabulary, cum_weights=zipf, k=2))} {start + at}" for at in range(CHUNK)]
        new = [
            NewItem(
                kinds[(start + at) % 4],
                f"/m/{start % 97}/{title}",
                title,
                1000,
                1,
                str(start + at),
                Facts(duration_ms=60_000),
            )
            for at, title in enumerate(titles)
        ]
        # One transaction for all of them: a thousand times less waiting for the disk.
        with library._database.transaction():
            ids, _ = library.add_items(new)
            for item_id, item in zip(ids, new, strict=True):
                shots = VECTORS_OF_KIND[item.kind]
                found: list[Finding] = []
                for place in range(MOMENTS):
                    span = TimeSpan(place * 1000, place * 1000 + 900)
                    which = min(int(draw.expovariate(1 / 120)), len(concepts) - 1)
                    if place < shots:
                        found.append(Moment(span, Sense.SEEN, Layer.SHOT))
                        row = centres[which] + NOISE * noise.standard_normal(WIDTH) / WIDTH**0.5
                        found.append(Vector(SPACE, span, (row / np.linalg.norm(row)).astype("<f4").tobytes()))
                    elif place % 5 == 4:
                        found.append(Moment(span, Sense.SEEN, Layer.LABEL, concepts[which], score=draw.random()))
                    elif place % 4 == 1:
                        found.append(Moment(span, Sense.SAID, Layer.LINE, text="".join(draw.choices(HAN, k=14))))
                    else:
                        line = " ".join(draw.choices(vocabulary, cum_weights=zipf, k=9))
                        found.append(Moment(span, Sense.SAID, Layer.LINE, text=line))
                library.save_findings(item_id, "sights", 1, "", "", found, is_first_chunk=True)
