"""How long the page "For you" takes in a large library: the first time, and every time after.

    python tests/bench/bench_foryou.py [--items N] [--pages N]

A library of N items (100,000 if not said) in four kinds, each with a vector of 128 numbers and some with tags, a past of 600 things, and
40 pages that were shown. The first page reads the whole library; what was asked for then is kept, and the page after it
is what a person waits for.
"""

from __future__ import annotations

import argparse
import tempfile
import time
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
            for item_id in rng.choice(ids, 600, replace=False).tolist():
                ending = Ending.FINISHED if rng.random() < 0.4 else Ending.LEFT
                library.note_happening(Happening(Verb.PLAYED, item_id, lasted_ms=60_000, ending=ending))
        suggestions = suggestions_of(library)
        took, anew = [], []
        for number in range(options.pages + 1):
            # Between two pages something is opened, and what that changes is reckoned before the next one is asked for.
            library.note_happening(Happening(Verb.PLAYED, int(rng.choice(ids)), lasted_ms=60_000))
            started = time.perf_counter()
            if number:
                suggestions._prepare()
                anew.append((time.perf_counter() - started) * 1000)
            started = time.perf_counter()
            page = suggestions.make_page()
            took.append((time.perf_counter() - started) * 1000)
            if not number:
                print(f"{len(ids)} items, rows {[row.name for row in page.rows]}")
        later = np.array(took[2:])
        print(f"reckoned beforehand, by itself: median {np.median(anew):.1f} ms")
        print(f"first page {took[0]:.0f} ms; then median {np.median(later):.1f} ms, longest {later.max():.1f} ms")
        library.finding.close()
        library.close()


if __name__ == "__main__":
    main()
