"""How good and how quick `similar` is.

    python3 build/dev.py bench similar [--media FOLDER] [--home FOLDER] [--items N]

Quality: R-precision by kind over a folder with an `index.jsonl` (as labelled_media tells it; the test material without
one), beside the best bare embedding (similar_quality). The library is made and understood in a temporary home, or in
`--home`, where it stays for the next run; `--items 0` leaves the speed out, `--no-quality` the quality.

Speed: items of random vectors, most with one, some films with many, all with labels and words. One JSON line each.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from labelled_media import open_labelled
from material import find_material
from similar_quality import measure

from media_assistant.items.concept import Concept
from media_assistant.items.examples import Example, Examples
from media_assistant.items.findings import Finding, Vector
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import WHOLE, TimeSpan
from media_assistant.library.item_store import NewItem
from media_assistant.library.library import Library
from media_assistant.workflows.likeness.suggesting import similar

WIDTH = 512
TOPICS = 500
FILM_EVERY, SHOTS = 200, 100
ASKED = 12


def quality(media: Path, home: Path) -> None:
    """A line for each kind of labelled files."""
    labelled = open_labelled(media.absolute(), home.absolute())
    try:
        for found in measure(labelled.assistant.library, labelled.rows, labelled.files):
            print(json.dumps({"bench": "similar", "kind": found.kind, **found.plain()}, ensure_ascii=False), flush=True)
    finally:
        labelled.assistant.close()


def make_library(file: Path, items: int) -> Library:
    """Around `TOPICS` points of the space, each with a label of its own."""
    library = Library.open(file)
    if len(library.item_ids()) >= items:
        return library
    draw = np.random.default_rng(7)
    topics = draw.standard_normal((TOPICS, WIDTH)).astype(np.float32)
    for start in range(0, items, 5000):
        new = [
            NewItem(
                Kind.VIDEO if at % FILM_EVERY == 0 else Kind.PHOTO, f"/m/{at}.x", f"item {at}", 1000 + at, 1, f"h{at}"
            )
            for at in range(start, min(items, start + 5000))
        ]
        ids, _ = library.add_items(new)
        for at, item_id in zip(range(start, start + len(ids)), ids, strict=True):
            library.save_findings(
                item_id, "sights", 1, "m", "1", list(_findings(draw, topics, at)), is_first_chunk=True
            )
    return library


def _findings(draw: np.random.Generator, topics: np.ndarray, at: int) -> list[Finding]:
    is_film = at % FILM_EVERY == 0
    found: list[Finding] = []
    for shot in range(SHOTS if is_film else 1):
        topic = int(draw.integers(TOPICS))
        values = topics[topic] + draw.standard_normal(WIDTH).astype(np.float32)
        span = TimeSpan(3000 * shot, 3000 * shot + 3000) if is_film else WHOLE
        found.append(Vector("looks", span, (values / np.linalg.norm(values)).astype("<f4").tobytes()))
        concept = Concept(f"t{topic}", f"topic {topic}")
        found.append(Moment(span, Sense.SEEN, Layer.LABEL, concept=concept, score=0.8))
    return found


def speed(items: int, home: Path) -> None:
    """Milliseconds of an answer: of a photo, of a film of a hundred shots, of a moment of it, of several with a minus."""
    library = make_library(home / f"similar-{items}.sqlite", items)
    try:
        ids = list(map(int, library.item_ids()))
        films = [
            item.id for item in library.items(ids[:: max(1, len(ids) // 4000)] + ids[:1]) if item.kind is Kind.VIDEO
        ]
        photos = [item_id for item_id in ids[1 :: max(1, len(ids) // 40)] if item_id not in films]
        films = films or [ids[-1]]
        start = time.perf_counter()
        similar(library, photos[0])
        first_s = time.perf_counter() - start
        ways = {
            "photo": [Examples((Example(one),)) for one in photos],
            "film": [Examples((Example(one),)) for one in films],
            "moment": [Examples((Example(one, span=TimeSpan(60_000, 60_000)),)) for one in films],
            "three_and_not": [
                Examples(tuple(map(Example, photos[at : at + 3])), (Example(photos[at + 3]),)) for at in range(8)
            ],
        }
        for way, questions in ways.items():
            times = []
            for question in questions[:ASKED]:
                start = time.perf_counter()
                assert similar(library, question)
                times.append(1000 * (time.perf_counter() - start))
            line = {
                "items": items,
                "vectors": library.finding.vectors.count("looks"),
                "median_ms": statistics.median(times),
            }
            print(
                json.dumps({"bench": "similar_speed", "way": way, **line, "max_ms": max(times), "first_s": first_s}),
                flush=True,
            )
    finally:
        library.close()


def main() -> None:
    """Print the JSON lines."""
    wanted = argparse.ArgumentParser(prog="bench similar")
    wanted.add_argument("--media", type=Path, help="a folder with index.jsonl; the test material if none is given")
    wanted.add_argument("--home", type=Path, help="where the libraries are kept; a temporary folder if none is")
    wanted.add_argument(
        "--items", type=int, default=100_000, help="of the library that speed is measured in; 0 for none"
    )
    wanted.add_argument("--no-quality", action="store_true", help="speed alone")
    chosen = wanted.parse_args()
    material = find_material()
    media = chosen.media or (material / "media" if material else None)
    with tempfile.TemporaryDirectory() as folder:
        home = chosen.home or Path(folder)
        home.mkdir(parents=True, exist_ok=True)
        if not chosen.no_quality:
            if media is None or not (media / "index.jsonl").is_file():
                wanted.error("no labelled media: give a folder with --media")
            quality(media, home)
        if chosen.items:
            speed(chosen.items, home)


if __name__ == "__main__":
    main()
