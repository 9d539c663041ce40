"""Tags that very many items carry, in a library written straight into the tables."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from media_assistant.items.concept import Concept
from tests.bench.bench_foryou import build

MANY, PROPOSED = Concept("own:many", "many"), Concept("own:proposed", "proposed")


def make_many(file: Path, members: int, refused: int = 400) -> None:
    """A library of so many items, all with two tags: one by the person's word, who refuses it to every `refused`-th, and
    one that a model proposes.
    """
    build(file, members)
    connection = sqlite3.connect(file)
    with connection:
        for concept in (MANY, PROPOSED):
            connection.execute(
                "INSERT INTO concepts (id, en, zh, aliases, parents) VALUES (?, ?, '', '[]', '[]')",
                (concept.id, concept.en),
            )
        connection.execute(
            "INSERT INTO decisions (item_id, concept_id, state)"
            " SELECT id, ?, iif(id % ? = 0, 'rejected', 'accepted') FROM items ORDER BY id LIMIT ?",
            (MANY.id, refused, members),
        )
        connection.execute(
            "INSERT INTO moments (item_id, run_id, span_kind, span_a, span_b, span_c, sense, layer, concept_id, score)"
            " SELECT item_id, id, 0, 0, 0, 0, 'seen', 'label', ?, 0.9 FROM runs WHERE analyser = 'sights' LIMIT ?",
            (PROPOSED.id, members),
        )
        connection.execute(
            "INSERT INTO suggested_tags (item_id, concept_id, run_id, score)"
            " SELECT item_id, concept_id, run_id, score FROM moments WHERE concept_id = ?",
            (PROPOSED.id,),
        )
    connection.close()
