"""How long the page "For you" takes in a large library: the first time, and every time after.

    python tests/bench/bench_foryou.py [--items N] [--pages N]

A library of N items (100,000 if not said) in four kinds, each with a vector of 128 numbers and some with tags, and a past of
5,000 things. The first page reads the whole library; what was asked for then is kept, and the page after it is what a
person waits for. Between two pages something is opened, and what that changes is reckoned before the next one is asked for.
Times are of the processor, which a busy computer does not change, and by the clock.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from media_assistant.items.concept import Concept
from media_assistant.items.happening import Ending, Happening, Verb
from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.library.item_store import NewItem
from media_assistant.library.library import Library
from tests.workflows.recommend_library import SPACES, suggestions_of

TOPICS, WIDTH, TAGS = 40, 128, 60


def build(file: Path, count: int) -> None:
    """Rows as findings leave them; written straight into the tables, for saving each alone would take an hour."""
    import sqlite3

    rng = np.random.default_rng(1)
    kinds = tuple(Kind)
    library = Library.open(file)
    ids: list[int] = []
    for start in range(0, count, 5000):
        new = []
        for number in range(start, min(count, start + 5000)):
            kind = kinds[number % 4]
            facts = Facts(duration_ms=int(rng.integers(60_000, 5_000_000)) if kind in (Kind.VIDEO, Kind.MUSIC) else 0)
            place = f"/m/{kind.value}/{number % 300}/{number:07}.x"
            new.append(NewItem(kind, place, f"Thing {number}", 1000 + number, 1, f"hash-{number}", facts))
        ids += library.add_items(new)[0]
    concepts = [Concept(f"own:tag{at}", f"tag {at}") for at in range(TAGS)]
    for concept in concepts:
        library.add_tag(ids[:1], concept)
    library.close()
    centres = {space: rng.standard_normal((TOPICS, WIDTH)) for space in sorted(set(SPACES.values()))}
    connection = sqlite3.connect(file)
    with connection:
        columns = {row[1]: row for row in connection.execute("PRAGMA table_info(runs)")}
        for number, item_id in enumerate(ids):
            space, topic = SPACES[kinds[number % 4]], int(rng.integers(TOPICS))
            unit = centres[space][topic] + 0.8 * rng.standard_normal(WIDTH)
            unit = (unit / np.linalg.norm(unit)).astype("<f4")
            known = {"item_id": item_id, "analyser": "sights"}
            known |= {
                name: _blank(row)
                for name, row in columns.items()
                if row[3] and row[4] is None and name not in (*known, "id")
            }
            run = connection.execute(
                f"INSERT INTO runs ({', '.join(known)}) VALUES ({', '.join('?' * len(known))})", list(known.values())
            ).lastrowid
            connection.execute(
                'INSERT INTO vectors (item_id, run_id, space, span_kind, span_a, span_b, span_c, "values")'
                " VALUES (?, ?, ?, 0, 0, 0, 0, ?)",
                (item_id, run, space, unit.tobytes()),
            )
            tags = {f"own:tag{topic}", f"own:tag{int(rng.integers(TAGS))}"}
            connection.executemany(
                "INSERT OR IGNORE INTO suggested_tags (concept_id, item_id, run_id, score) VALUES (?, ?, ?, 0.9)",
                [(tag, item_id, run) for tag in tags],
            )
    connection.close()


def measure(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of the processor, and by the clock."""
    used, started = time.process_time(), time.perf_counter()
    work()
    return (time.process_time() - used) * 1000, (time.perf_counter() - started) * 1000


def _blank(row: tuple[object, ...]) -> object:
    return 0 if row[2] in ("INTEGER", "REAL") else ""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--items", type=int, default=100_000)
    asked.add_argument("--pages", type=int, default=12)
    asked.add_argument("--library", type=Path, default=None, help="kept here, and used again")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        file = options.library or Path(scratch) / "l.sqlite"
        if not file.exists():
            build(file, options.items)
        library = Library.open(file)
        rng = np.random.default_rng(2)
        ids = np.array(library.item_ids())
        if not library.last_slate():
            for item_id in rng.choice(ids, min(5000, len(ids)), replace=False).tolist():
                ending = Ending.FINISHED if rng.random() < 0.4 else Ending.LEFT
                library.note_happening(Happening(Verb.PLAYED, item_id, lasted_ms=60_000, ending=ending))
        suggestions = suggestions_of(library)
        anew, took = [], []
        for number in range(options.pages + 1):
            library.note_happening(Happening(Verb.PLAYED, int(rng.choice(ids)), lasted_ms=60_000))
            if number:
                anew.append(measure(suggestions._prepare))
            took.append(measure(suggestions.make_page))
        page = suggestions.make_page()
        print(f"{len(ids)} items, {len(library.met(5000))} of the past, rows {[row.name for row in page.rows]}")
        for name, times in (("first page", took[:1]), ("reckoned beforehand", anew), ("every page after", took[2:])):
            used, passed = np.median(times, axis=0)
            worst = max(each[0] for each in times)
            print(f"{name:20} {used:7.1f} ms of the processor, longest {worst:.1f}; {passed:.1f} ms by the clock")
        library.finding.close()
        library.close()


if __name__ == "__main__":
    main()
