"""Concepts, what models suggest, and what a person decided. The two are kept apart; the view `tags` joins them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from media_assistant.items.concept import Concept
from media_assistant.items.moment import Moment, Source
from media_assistant.items.tag import Tag, TagState
from media_assistant.library.item_store import as_text

LOWEST_SUGGESTION = 0.2
"""A label below this is evidence in a search, but no tag to show to a person."""

MOST_SUGGESTIONS = 24
MOST_EVIDENCE = 12

PERSON = Source("person")


def put_concepts(connection: sqlite3.Connection, concepts: Iterable[Concept]) -> None:
    """Know these; a later name, alias or parent replaces an earlier one."""
    connection.executemany(
        "INSERT INTO concepts (id, en, zh, aliases, parents) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " en = excluded.en, zh = excluded.zh, aliases = excluded.aliases, parents = excluded.parents"
        " WHERE (en, zh, aliases, parents) <> (excluded.en, excluded.zh, excluded.aliases, excluded.parents)",
        [
            (
                as_text(concept.id),
                as_text(concept.en),
                as_text(concept.zh),
                json.dumps([as_text(alias) for alias in concept.aliases], ensure_ascii=False),
                json.dumps(concept.parents, ensure_ascii=False),
            )
            for concept in concepts
        ],
    )


def concepts(connection: sqlite3.Connection, concept_id: str | None = None) -> list[Concept]:
    """All that the library knows, or the one asked."""
    where, values = ("", ()) if concept_id is None else (" WHERE id = ?", (concept_id,))
    rows = connection.execute(f"SELECT id, en, zh, aliases, parents FROM concepts{where}", values)
    return [_concept(*row) for row in rows]


def _concept(concept_id: str, en: str, zh: str, aliases: str, parents: str) -> Concept:
    return Concept(concept_id, en, zh, tuple(json.loads(aliases)), tuple(json.loads(parents)))


def suggest(connection: sqlite3.Connection, item_id: int, run_id: int, labels: Mapping[str, float]) -> None:
    """Labels of a chunk become suggested tags: of each concept the best score of all."""
    connection.executemany(
        "INSERT INTO suggested_tags (item_id, concept_id, run_id, score) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET run_id = excluded.run_id, score = excluded.score WHERE excluded.score > score",
        [(item_id, concept_id, run_id, score) for concept_id, score in labels.items() if score >= LOWEST_SUGGESTION],
    )


def suggest_again(connection: sqlite3.Connection, item_id: int, concept_ids: Sequence[str]) -> None:
    """Derive these suggestions anew from the moments that are there."""
    connection.executemany(
        "INSERT OR REPLACE INTO suggested_tags (item_id, concept_id, run_id, score)"
        " SELECT item_id, concept_id, run_id, max(score) FROM moments"
        " WHERE item_id = ?1 AND concept_id = ?2 AND layer = 'label' AND run_id IS NOT NULL"
        " GROUP BY item_id, concept_id HAVING max(score) >= ?3",
        [(item_id, concept_id, LOWEST_SUGGESTION) for concept_id in concept_ids],
    )


def decision(connection: sqlite3.Connection, item_id: int, concept_id: str) -> TagState | None:
    """What the person said of the whole item."""
    row = connection.execute(
        "SELECT state FROM decisions WHERE item_id = ? AND concept_id = ? AND span_kind = 0", (item_id, concept_id)
    ).fetchone()
    return None if row is None else TagState(row[0])


def decide(connection: sqlite3.Connection, item_id: int, concept_id: str, state: TagState | None) -> None:
    """Keep the person's word, or with None take it back."""
    if state is None:
        connection.execute(
            "DELETE FROM decisions WHERE item_id = ? AND concept_id = ? AND span_kind = 0", (item_id, concept_id)
        )
    else:
        connection.execute(
            "INSERT INTO decisions (item_id, concept_id, state) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET state = excluded.state",
            (item_id, concept_id, state.value),
        )


def is_suggested(connection: sqlite3.Connection, item_id: int, concept_id: str) -> bool:
    """Whether a model names it."""
    return (
        connection.execute(
            "SELECT 1 FROM suggested_tags WHERE item_id = ? AND concept_id = ?", (item_id, concept_id)
        ).fetchone()
        is not None
    )


def tags_of(connection: sqlite3.Connection, item_id: int, labels: Iterable[Moment]) -> list[Tag]:
    """The person's tags first, then the best suggestions, then what was refused; with `labels` as evidence."""
    evidence: dict[str, list[Moment]] = {}
    for label in labels:
        if label.concept is not None:
            evidence.setdefault(label.concept.id, []).append(label)
    rows = connection.execute(
        "SELECT tags.concept_id, en, zh, aliases, parents, tags.state, max(tags.score, ifnull(suggested.score, 0)),"
        " analyser, model, revision FROM tags JOIN concepts ON concepts.id = tags.concept_id"
        " LEFT JOIN suggested_tags AS suggested ON suggested.item_id = tags.item_id"
        " AND suggested.concept_id = tags.concept_id LEFT JOIN runs ON runs.id = run_id"
        " WHERE tags.item_id = ? ORDER BY CASE tags.state WHEN 'accepted' THEN 0 WHEN 'suggested' THEN 1 ELSE 2 END,"
        " 7 DESC, tags.concept_id",
        (item_id,),
    )
    found: list[Tag] = []
    suggested = 0
    for concept_id, en, zh, aliases, parents, state, score, analyser, model, revision in rows:
        suggested += state == TagState.SUGGESTED
        if state == TagState.SUGGESTED and suggested > MOST_SUGGESTIONS:
            continue
        shown = sorted(evidence.get(concept_id, ()), key=lambda moment: -moment.score)[:MOST_EVIDENCE]
        source = PERSON if analyser is None else Source(analyser, model, revision)
        found.append(
            Tag(item_id, _concept(concept_id, en, zh, aliases, parents), TagState(state), score, source, tuple(shown))
        )
    return found


def counts(connection: sqlite3.Connection) -> list[tuple[Concept, int]]:
    """How many items carry each tag (refused ones do not), the most frequent first.

    Suggestions are counted in their index alone, and decisions, which are few, are then set against them: in a large
    library the view `tags` would take seconds.
    """
    found: dict[str, int] = dict(
        connection.execute("SELECT concept_id, count(*) FROM suggested_tags GROUP BY concept_id").fetchall()
    )
    for concept_id, state, is_suggested_too in connection.execute(
        "SELECT concept_id, state, EXISTS (SELECT 1 FROM suggested_tags AS suggested WHERE"
        " suggested.item_id = decided.item_id AND suggested.concept_id = decided.concept_id)"
        " FROM decisions AS decided JOIN items ON items.id = item_id WHERE removed_at = '' AND span_kind = 0"
    ):
        found[concept_id] = found.get(concept_id, 0) + (state == TagState.ACCEPTED) - is_suggested_too
    known = {concept.id: concept for concept in concepts(connection)}
    carried = [(known[concept_id], count) for concept_id, count in found.items() if count]
    return sorted(carried, key=lambda pair: (-pair[1], pair[0].en, pair[0].id))


def forget_suggestions(connection: sqlite3.Connection, item_id: int) -> None:
    """Those of an item that leaves."""
    connection.execute("DELETE FROM suggested_tags WHERE item_id = ?", (item_id,))


def suggest_all_again(connection: sqlite3.Connection, item_id: int) -> None:
    """Those of an item that comes back, from its moments."""
    rows = connection.execute(
        "SELECT DISTINCT concept_id FROM moments WHERE item_id = ? AND layer = 'label'", (item_id,)
    )
    suggest_again(connection, item_id, [row[0] for row in rows.fetchall()])
