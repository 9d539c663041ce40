"""Write a library of the present schema with something in every table: run it before the schema changes.

`python -m tests.library.make_filled` from the project's folder writes `tests/library/data/library-v<version>.sqlite`.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from media_assistant.items.moment import Layer
from media_assistant.items.sentence import Sentence
from media_assistant.items.span import TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.items.transcript import Rewrite, retype
from media_assistant.library.library import JobRow, OpenStep
from media_assistant.library.schema.migrations import SCHEMA_VERSION
from tests.library.making import DOG, OWN, SEA, chunk, new_item, open_new

DATA = Path(__file__).parent / "data"

SECOND = (
    "INSERT INTO collections VALUES (1, 'By the sea 海边', '', '2026-01-02T03:04:05Z')",
    "INSERT INTO collections VALUES (2, 'Long films', 'kind:video longer:10m', '2026-01-02T03:04:05Z')",
    "INSERT INTO collection_items VALUES (1, 1, 0), (1, 2, 1), (1, 1, 2)",
    "INSERT INTO own_concepts SELECT id, en, zh, aliases, parents, 'teal', 0.4, NULL FROM concepts LIMIT 1",
    "INSERT INTO quiet_models VALUES ('a-net-that-guesses')",
    "INSERT INTO roots VALUES (CAST('/media' AS BLOB), '/media', 1, '2026-01-02T03:04:05Z')",
    "INSERT INTO spoken_names VALUES ('Ødegård', 0)",
    "INSERT INTO written_files VALUES (CAST('/media/clip 0.srt' AS BLOB), 1, 'abc', '2026-01-02T03:04:05Z')",
    "INSERT INTO ratings VALUES (1, 4)",
    "INSERT INTO pair_words VALUES (1, 2, 'different'), (1, 4, 'first')",
    "INSERT INTO likely_pairs VALUES (1, 2, 0.9, '{}')",
    "INSERT INTO compared_items VALUES (1, 1)",
    "INSERT INTO likings VALUES (1, 'like', '', '2026-01-02T03:04:05Z'), (2, 'not_now', '2027-01-02T03:04:05Z', '2026-01-02T03:04:05Z')",
    "INSERT INTO slates VALUES (1, '2026-01-02T03:04:05+00:00', 1, 'chance 1', '{\"new\": 0.5}')",
    "INSERT INTO shown VALUES (1, 'new', 0, 1, 0.25, 0.5, x'0000803f', 'played', '2026-01-02T03:04:06+00:00')",
    "INSERT INTO happenings VALUES (1, '2026-01-02T03:04:06+00:00', 1, 'played', 1, 1, 0, 1500, 0, 1600, '', 0, 1, '{}')",
    "INSERT INTO happenings (at, session, verb, detail) VALUES ('2026-01-02T03:05:06+00:00', 1, 'searched', '{\"words\": \"sea 海\"}')",
    "INSERT INTO learnt VALUES ('bandit', '{\"happenings\": 2}', x'00')",
    "INSERT INTO taught_tags SELECT id, '2026-01-02T03:04:05Z', NULL, 1 FROM concepts LIMIT 1",
    "INSERT INTO taught_versions SELECT id, 1, '2026-01-02T03:04:05Z', x'0000803f', '{\"precision\": 0.8}', '[]', 0 FROM concepts LIMIT 1",
    "INSERT INTO positions VALUES (1, 1500, '2026-01-02T03:04:05Z')",
)


def main() -> None:
    """Fill a library and copy it, as one file, to where the tests look."""
    with tempfile.TemporaryDirectory() as folder:
        library = open_new(Path(folder))
        ids, _ = library.add_items([new_item(number) for number in range(4)])
        brought, _ = library.add_items([new_item(9)], OpenStep("import"))
        library.remove_items(brought)
        library.add_location(ids[0], "/media/copy 中文.mp4", 1000, 7)
        library.mark_missing(["/media/clip 3.mp4"])
        rows = [JobRow(item_id, name, stage) for item_id in ids for name, stage in (("preview", 0), ("sights", 1))]
        library.enqueue(rows)
        library.set_paused(True)
        library.set_paused(False)
        for item_id in ids[:3]:
            library.lease_jobs(stages=[0])
            library.finish_analysis(item_id, "preview", 1, took_s=0.5)
            library.save_findings(item_id, "sights", 1, "net", "r1", [*chunk(0), *chunk(1)], is_first_chunk=True)
        library.lease_jobs(stages=[0])
        library.fail_analysis(ids[3], "preview", Sentence("error.media.damaged", {"name": "x"}), is_final=True)
        library.cancel_jobs([ids[3]])
        library.decide_tag(ids[:1], DOG, TagState.ACCEPTED)
        library.decide_tag(ids[1:2], DOG, TagState.REJECTED)
        library.add_tag(ids[:2], OWN)
        library.add_tag(ids[:1], SEA)
        library.undo()
        said = library.moments(ids[0], Layer.LINE)[0]
        library.rewrite_lines([Rewrite(ids[0], (said,), (retype(said, "corrected 更正"),))], "edit_line")
        library.mark(ids[0], TimeSpan(1500, 1500), "the turn 转折")
        library.remove_items(ids[2:3])
        step = library.mark(ids[0], TimeSpan(300, 300), "a slip").step
        library.mark(ids[0], TimeSpan(2500, 2500), "the end")
        library.take_back(step)
        library.close()
        DATA.mkdir(exist_ok=True)
        file = DATA / f"library-v{SCHEMA_VERSION}.sqlite"
        file.unlink(missing_ok=True)
        with closing(sqlite3.connect(library.file)) as source:
            for statement in SECOND:
                source.execute(statement)
            source.commit()
            source.execute("PRAGMA journal_mode = DELETE")
            source.execute("VACUUM INTO ?", (str(file),))


if __name__ == "__main__":
    main()
