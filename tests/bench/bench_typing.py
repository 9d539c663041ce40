"""Search as you type over 100,000 made-up items with 2,000,000 moments, against the slower of its two halves alone.

    python3 build/dev.py bench typing [--items 100000] [--home FOLDER]

200 fixed queries (typing_queries.txt: the twenty commonest words, concepts in English and Chinese, made-up words, several
words, nonsense, typos, filters), and every prefix of twenty of them. Each is answered whole: parsed, its vector made by a
real network (the built-in one, in this process, turned to 512 numbers), words and vectors found, joined, 60 items with
their moments read. In turn with it, its halves: the whole search by words alone, and by meaning alone; and beside them
the bare FTS5 query of the same words for the best 200 lines, and the bare scan of all vectors for the nearest 100.
Making the library takes minutes; with `--home` it stays for the next run.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import as_window  # noqa: F401  before NumPy, which looks at its environment once
import numpy as np
from material import open_models
from measure import report
from numpy.typing import NDArray
from typing_library import SPACE, open_library, widen

from media_assistant.items.query import Words, parse
from media_assistant.library import text_index
from media_assistant.library.library import Library
from media_assistant.workflows.search import plain_words
from media_assistant.workflows.search.searching import search
from media_assistant.workflows.search.witnesses import UnitWitnesses, Witnesses

SWITCH_S = 0.0002
QUERIES = Path(__file__).with_name("typing_queries.txt")
IN_TIME = (
    "dog THEN water",
    "dog WHILE water",
    "dog THEN water within 10s",
    '"the" THEN water',
    "seen:animal THEN seen:dog",
    "animal WHILE person",
    'dog THEN "the" within 10s',
    "the THEN a",
)
"""The commonest labels and words of the library, as moments that stand to each other."""
SHOWN = 120
"""As many as the window asks for while somebody types."""
TYPED = 20

Floats = NDArray[np.float32]


class Embed:
    """The built-in network as the window's query worker is asked, remembering what it was asked."""

    def __init__(self) -> None:
        (self._network,) = [each for each in open_models().texts() if "en-zh-small" in each.space]
        self._known: dict[str, Floats] = {}
        self.took_s: list[float] = []

    def bare(self, texts: Sequence[str]) -> Floats:
        """The network alone."""
        return self._network.embed(list(texts), "query")

    def __call__(self, texts: Sequence[str]) -> Mapping[str, Floats]:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        began = time.perf_counter()
        if new:
            self._known.update(zip(new, widen(self.bare(new)), strict=True))
        if len(texts) == 1:
            self.took_s.append(time.perf_counter() - began)
        return {SPACE: np.stack([self._known[text] for text in texts])}

    def forget(self) -> None:
        """The next query is new to it."""
        self._known.clear()


def words_of(query: str) -> str:
    """The plain words of a query; all of it where there are none."""
    return " ".join(node.text for node in parse(query).nodes if isinstance(node, Words)) or query


def bare_text(library: Library, query: str) -> None:
    """The best 200 lines of the words, as FTS5 gives them."""
    wanted = text_index.expression(words_of(query), is_prefix=True)
    text_index.match(library._database.reader(), wanted, limit=200)


def bare_scan(library: Library, embed: Embed, query: str) -> None:
    """The nearest 100 of all vectors."""
    library.finding.vectors.nearest(SPACE, embed([words_of(query)])[SPACE][0], 100)


def text_half(library: Library, query: str) -> None:
    """The whole search without a network."""
    search(library, None, query, SHOWN)


def meaning_half(library: Library, embed: Embed, query: str) -> None:
    """The whole search without looking for words, names and labels."""

    def hear_nothing(
        _: object, units: Sequence[object], witnesses: Witnesses, *others: object, **named: object
    ) -> None:
        witnesses.units += [UnitWitnesses() for _ in units]

    real = plain_words.hear_units, plain_words.hear_whole
    plain_words.hear_units, plain_words.hear_whole = hear_nothing, lambda *given: None  # type: ignore[assignment]
    try:
        search(library, embed, query, SHOWN, is_exact=True)
    finally:
        plain_words.hear_units, plain_words.hear_whole = real


def forget(library: Library, embed: Embed) -> None:
    """The next question is as new as the one before was; which items there are stays known."""
    embed.forget()
    kept = library.finding._sets._kept
    for key in [key for key in kept if key[1] not in ("living", "newest")]:  # type: ignore[index]
        del kept[key]


def timed(work: object, *given: object) -> float:
    """Seconds."""
    began = time.perf_counter()
    work(*given)  # type: ignore[operator]
    return time.perf_counter() - began


def p95(times: Sequence[float]) -> float:
    """Milliseconds."""
    return round(1000 * sorted(times)[int(0.95 * len(times))], 1)


def median_ms(times: Sequence[float]) -> float:
    """Milliseconds."""
    return round(1000 * statistics.median(times), 1)


def read_through(file: Path) -> None:
    """What is measured is the search and not the drive."""
    with file.open("rb") as whole:
        while whole.read(1 << 24):
            pass


def main() -> None:
    """Print the JSON lines."""
    wanted = argparse.ArgumentParser(prog="bench typing")
    wanted.add_argument("--items", type=int, default=100_000)
    wanted.add_argument("--home", type=Path, help="where the library is kept; a temporary folder if none is given")
    chosen = wanted.parse_args()
    queries = QUERIES.read_text("utf-8").splitlines()
    prefixed = random.Random(4).sample([query for query in queries if len(query) > 3], TYPED)
    typed = [query[:end] for query in prefixed for end in range(1, len(query))]
    with tempfile.TemporaryDirectory() as folder:
        embed = Embed()
        library = open_library(chosen.home or Path(folder), chosen.items, embed.bare)
        # As the window sets it: with Python's own five milliseconds two threads of a search wait for each other.
        sys.setswitchinterval(SWITCH_S)
        read_through(library.file)
        search(library, embed, "warm")
        # As `ui.startup.rubbish` does: Python looks for rubbish between two moments, and never in the middle of a search.
        gc.disable()
        gc.freeze()
        together: tuple[list[float], list[float]] = ([], [])
        for what, asked in (("whole queries", queries), ("every prefix", typed)):
            ours: list[float] = []
            halves: list[tuple[float, float]] = []
            embed.took_s.clear()
            bare: list[tuple[float, float]] = []
            for turn, query in enumerate(asked):
                gc.collect()
                parts: dict[int, float] = {}
                # Each in turn is the first to read the pages of these words.
                for which in (turn % 3, (turn + 1) % 3, (turn + 2) % 3):
                    forget(library, embed)
                    match which:
                        case 0:
                            parts[which] = timed(search, library, embed, query, SHOWN)
                        case 1:
                            parts[which] = timed(text_half, library, query)
                        case _:
                            parts[which] = timed(meaning_half, library, embed, query)
                ours.append(parts[0])
                halves.append((parts[1], parts[2]))
                bare.append((timed(bare_text, library, query), timed(bare_scan, library, embed, query)))
            slower = [max(each) for each in halves]
            ordered = sorted(range(len(asked)), key=lambda at: -ours[at])
            report(
                f"search as you type, {what}",
                ours,
                slower,
                target="p95 <= 50 ms; <= 1.2 x the slower half",
                peer="the slower half: the whole search by words alone, or by meaning alone",
                items=chosen.items,
                queries=len(asked),
                p50_ms=median_ms(ours),
                p95_ms=p95(ours),
                max_ms=round(1000 * max(ours), 1),
                text_p50_ms=median_ms([each[0] for each in halves]),
                text_p95_ms=p95([each[0] for each in halves]),
                meaning_p50_ms=median_ms([each[1] for each in halves]),
                meaning_p95_ms=p95([each[1] for each in halves]),
                bare_match_p95_ms=p95([each[0] for each in bare]),
                bare_scan_p95_ms=p95([each[1] for each in bare]),
                network_p95_ms=p95(embed.took_s),
                ratio_of_p95=round(p95(ours) / p95(slower), 2),
                ratio_to_bare=round(p95(ours) / p95([max(each) for each in bare]), 2),
                slowest=[f"{asked[at]}: {1000 * ours[at]:.0f}" for at in ordered[:8]],
            )
            together[0].extend(ours)
            together[1].extend(slower)
        report(
            "search as you type, the whole query set",
            *together,
            target="p95 <= 50 ms; <= 1.2 x the slower half",
            peer="the slower half",
            queries=len(together[0]),
            p95_ms=p95(together[0]),
            slower_p95_ms=p95(together[1]),
            ratio_of_p95=round(p95(together[0]) / p95(together[1]), 2),
        )
        in_time: dict[str, int] = {}
        for query in IN_TIME:
            gc.collect()
            forget(library, embed)
            in_time[query] = round(1000 * timed(search, library, embed, query, SHOWN))
        print(json.dumps({"bench": "moments in order and at once", "ms": in_time, "target": "each <= 1000 ms"}))
        print(json.dumps({"library_mb": round(library.file.stat().st_size / 1e6, 1)}))
        library.close()


if __name__ == "__main__":
    main()
