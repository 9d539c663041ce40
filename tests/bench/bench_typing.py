"""Search as you type over a made-up library: every prefix of some queries, against the bare full-text query alone.

Words follow Zipf's law, one line in four is Chinese, labels come from the program's own vocabulary. The number of items
is the first argument (20,000 unless given; ten moments each).
"""

from __future__ import annotations

import itertools
import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from measure import report

from media_assistant.analysis.vocabulary import all_concepts
from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import TimeSpan
from media_assistant.library import text_index
from media_assistant.library.item_store import NewItem
from media_assistant.library.library import Library
from media_assistant.workflows.searching import search

QUERIES = (
    "dog",
    "walking home",
    "light stone",
    "动物",
    "海边",
    "the water",
    "animal",
    "zzzz",
    "kind:video sea",
    "-the dog",
)
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
CHUNK = 500


def make(folder: Path, items: int) -> Library:
    draw = random.Random(1)
    syllables = [a + b for a in "bcdfghlmnprst" for b in "aeiou"]
    words = COMMON + ["".join(draw.choices(syllables, k=draw.randint(1, 4))) for _ in range(30_000)]
    zipf = list(itertools.accumulate(1 / (rank + 1) for rank in range(len(words))))
    concepts = list(all_concepts())
    kinds = list(Kind)
    library = Library.open(folder / "library.sqlite")
    for start in range(0, items, CHUNK):
        new = []
        for number in range(start, min(start + CHUNK, items)):
            title = f"{' '.join(draw.choices(words, cum_weights=zipf, k=2))} {number}"
            new.append(
                NewItem(kinds[number % 4], f"/m/{title}", title, 1000, 1, str(number), Facts(duration_ms=60_000))
            )
        ids, _ = library.add_items(new)
        for item_id in ids:
            found = []
            for place in range(10):
                span = TimeSpan(place * 1000, place * 1000 + 900)
                if place % 5 == 0:
                    concept = concepts[min(int(draw.expovariate(1 / 120)), len(concepts) - 1)]
                    found.append(Moment(span, Sense.SEEN, Layer.LABEL, concept, score=draw.random()))
                elif place % 4 == 1:
                    found.append(Moment(span, Sense.SAID, Layer.LINE, text="".join(draw.choices(HAN, k=14))))
                else:
                    line = " ".join(draw.choices(words, cum_weights=zipf, k=9))
                    found.append(Moment(span, Sense.SAID, Layer.LINE, text=line))
            library.save_findings(item_id, "bench", 1, "", "", found, is_first_chunk=True)
    return library


def main() -> None:
    items = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        library = make(Path(folder), items)
        made_s = time.perf_counter() - began
        search(library, None, "warm")
        typed = [query[: end + 1] for query in QUERIES for end in range(len(query))]
        ours: list[float] = []
        theirs: list[float] = []
        reader = library._database.reader()
        for query in typed:
            began = time.perf_counter()
            search(library, None, query)
            ours.append(time.perf_counter() - began)
            began = time.perf_counter()
            text_index.match(reader, text_index.expression(query, is_prefix=True))
            theirs.append(max(time.perf_counter() - began, 1e-6))
        ordered = sorted(ours)
        report(
            "search as you type, by words",
            ours,
            theirs,
            target="p95 <= 0.050 s at 100,000 items",
            peer="the bare FTS5 query of the same words",
            items=items,
            moments=10 * items,
            p50_ms=round(1000 * statistics.median(ours), 1),
            p95_ms=round(1000 * ordered[int(0.95 * len(ordered))], 1),
            slowest=typed[ours.index(ordered[-1])],
            made_s=round(made_s, 1),
        )
        print(json.dumps({"library_mb": round(library.file.stat().st_size / 1e6, 1)}))
        library.close()


if __name__ == "__main__":
    main()
