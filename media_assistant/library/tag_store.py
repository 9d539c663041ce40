"""Concepts, what models suggest, and what a person decided. The two are kept apart; the view `tags` joins them.

`suggested_tags` and `decisions` name tags as they stand for the person: what was merged away is in there under the tag
that it became, and a suggestion below the person's threshold for its tag is not there at all. Moments keep the concept
that the model named.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from media_assistant.items.concept import Concept
from media_assistant.items.moment import Moment, Source
from media_assistant.items.tag import Tag, TagState
from media_assistant.library.item_store import as_text

LOWEST_SUGGESTION = 0.2
"""A label below this is no tag to show to a person, and nothing that a search finds or refuses."""

MOST_SUGGESTIONS = 24
MOST_EVIDENCE = 12

PERSON = Source("person")

CONCEPT = (
    "concepts.id, ifnull(own.en, concepts.en), ifnull(own.zh, concepts.zh), ifnull(own.aliases, concepts.aliases),"
    " ifnull(own.parents, concepts.parents), ifnull(own.colour, '')"
)
"""The columns of `concept_of`: a tag as the person knows it."""
OWN = "LEFT JOIN own_concepts AS own ON own.concept_id = concepts.id"

GROUP = "(SELECT ?1 UNION ALL SELECT concept_id FROM own_concepts WHERE merged_into = ?1)"
_LIVE = "moments.item_id IN (SELECT id FROM items WHERE removed_at = '')"
LOUD = "NOT EXISTS (SELECT 1 FROM quiet_models CROSS JOIN runs ON runs.id = moments.run_id AND runs.model = quiet_models.model)"
"""Of a moment: not by a model that the person does not want to hear. Runs are looked up by their ids: there are many of them,
and no index by model.
"""


def note_change(connection: sqlite3.Connection) -> None:
    """Items may carry other tags now, without a new analysis: whoever keeps what follows from them reads it again."""
    connection.execute("INSERT INTO switches VALUES ('carried_tags', '1') ON CONFLICT DO UPDATE SET value = value + 1")


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


def know(connection: sqlite3.Connection, concept: Concept) -> None:
    """Have a row for it; what vocabularies say of it stays as it is."""
    known = connection.execute("SELECT 1 FROM concepts WHERE id = ?", (concept.id,)).fetchone()
    if known is None:
        put_concepts(connection, [concept])


def concepts(connection: sqlite3.Connection, concept_id: str | None = None) -> list[Concept]:
    """All that the library knows, as the person calls them, without those merged away; or the one asked, which may have
    become another.
    """
    where, values = ("", ()) if concept_id is None else (" AND concepts.id = ?", (standing(connection, concept_id),))
    rows = connection.execute(f"SELECT {CONCEPT} FROM concepts {OWN} WHERE own.merged_into IS NULL{where}", values)
    found = [concept_of(*row) for row in rows]
    merged: dict[str, str] = dict(
        connection.execute("SELECT concept_id, merged_into FROM own_concepts WHERE merged_into IS NOT NULL").fetchall()
    )
    if not merged:
        return found
    return [replace(concept, parents=_standing_parents(concept, merged)) for concept in found]


def _standing_parents(concept: Concept, merged: Mapping[str, str]) -> tuple[str, ...]:
    parents = dict.fromkeys(merged.get(parent, parent) for parent in concept.parents)
    return tuple(parent for parent in parents if parent != concept.id)


def concept_of(concept_id: str, en: str, zh: str, aliases: str, parents: str, colour: str) -> Concept:
    """The value of a row of `CONCEPT`."""
    return Concept(concept_id, en, zh, tuple(json.loads(aliases)), tuple(json.loads(parents)), colour)


def standing(connection: sqlite3.Connection, concept_id: str) -> str:
    """The id of the tag that this one is for the person: itself, or what it was merged into."""
    row = connection.execute(
        "SELECT merged_into FROM own_concepts WHERE concept_id = ? AND merged_into IS NOT NULL", (concept_id,)
    ).fetchone()
    return concept_id if row is None else str(row[0])


def suggest(connection: sqlite3.Connection, item_id: int, run_id: int, labels: Mapping[str, float]) -> None:
    """Labels of a chunk become suggested tags: of each concept the best score of all."""
    is_quiet = "SELECT 1 FROM runs JOIN quiet_models ON quiet_models.model = runs.model WHERE runs.id = ?"
    if not labels or connection.execute(is_quiet, (run_id,)).fetchone():
        return
    rows = connection.execute(
        "SELECT value, ifnull(merged.merged_into, value), ifnull(own.lowest_score, 0) FROM json_each(?)"
        " LEFT JOIN own_concepts AS merged ON merged.concept_id = value"
        " LEFT JOIN own_concepts AS own ON own.concept_id = ifnull(merged.merged_into, value)",
        (json.dumps(list(labels)),),
    ).fetchall()
    connection.executemany(
        "INSERT INTO suggested_tags (item_id, concept_id, run_id, score) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET run_id = excluded.run_id, score = excluded.score WHERE excluded.score > score",
        [
            (item_id, target, run_id, labels[concept_id])
            for concept_id, target, lowest in rows
            if labels[concept_id] >= max(LOWEST_SUGGESTION, lowest)
        ],
    )


def suggest_again(connection: sqlite3.Connection, item_id: int, concept_ids: Sequence[str]) -> None:
    """Derive these suggestions anew from the moments that are there."""
    for concept_id in {standing(connection, each) for each in concept_ids}:
        _derive(connection, concept_id, "moments.item_id = ?3", (item_id,))


def derive_suggestions(connection: sqlite3.Connection, concept_id: str) -> None:
    """Those of one tag in the whole library: after a change of its threshold, of what it was merged with, or of whose
    word counts. About 0.3 s for 100,000 moments.
    """
    note_change(connection)
    connection.execute("DELETE FROM suggested_tags WHERE concept_id = ?", (concept_id,))
    if standing(connection, concept_id) == concept_id:
        _derive(connection, concept_id, _LIVE, ())


def derive_all(connection: sqlite3.Connection) -> None:
    """All suggestions of the library anew, from moments and from what the person said of tags."""
    connection.execute("DELETE FROM suggested_tags")
    connection.execute(
        "INSERT INTO suggested_tags (item_id, concept_id, run_id, score)"
        " SELECT moments.item_id, ifnull(merged.merged_into, moments.concept_id) AS target, run_id, max(score)"
        " FROM moments LEFT JOIN own_concepts AS merged ON merged.concept_id = moments.concept_id"
        f" WHERE moments.concept_id IS NOT NULL AND {_LIVE} AND layer = 'label' AND run_id IS NOT NULL AND {LOUD}"
        " GROUP BY moments.item_id, target HAVING max(score) >="
        " max(?, ifnull((SELECT lowest_score FROM own_concepts WHERE concept_id = target), 0.0))",
        (LOWEST_SUGGESTION,),
    )


def move_threshold(connection: sqlite3.Connection, concept_id: str, before: float, now: float) -> None:
    """As `derive_suggestions`, where only the threshold moved: what stays is not written again."""
    if now != before:
        note_change(connection)
    if now > before:
        connection.execute(
            "DELETE FROM suggested_tags WHERE concept_id = ? AND score < ?", (concept_id, max(LOWEST_SUGGESTION, now))
        )
    elif now < before:
        _derive(connection, concept_id, _LIVE, (), verb="INSERT OR IGNORE")


def _derive(
    connection: sqlite3.Connection,
    concept_id: str,
    which: str,
    values: tuple[int, ...],
    *,
    verb: str = "INSERT OR REPLACE",
) -> None:
    lowest = connection.execute("SELECT lowest_score FROM own_concepts WHERE concept_id = ?", (concept_id,)).fetchone()
    connection.execute(
        f"{verb} INTO suggested_tags (item_id, concept_id, run_id, score)"
        " SELECT item_id, ?1, run_id, max(score) FROM moments"
        f" WHERE concept_id IN {GROUP} AND {which} AND layer = 'label' AND run_id IS NOT NULL AND {LOUD}"
        " GROUP BY item_id HAVING max(score) >= ?2",
        (concept_id, max(LOWEST_SUGGESTION, lowest[0] if lowest else 0.0), *values),
    )


def decision(connection: sqlite3.Connection, item_id: int, concept_id: str) -> TagState | None:
    """What the person said of the whole item."""
    row = connection.execute(
        "SELECT state FROM decisions WHERE item_id = ? AND concept_id = ? AND span_kind = 0", (item_id, concept_id)
    ).fetchone()
    return None if row is None else TagState(row[0])


def decide(connection: sqlite3.Connection, item_id: int, concept_id: str, state: TagState | None) -> None:
    """Keep the person's word, or with None take it back."""
    note_change(connection)
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
        f"SELECT {CONCEPT}, tags.state, max(tags.score, ifnull(suggested.score, 0)), analyser, model, revision"
        f" FROM tags JOIN concepts ON concepts.id = tags.concept_id {OWN}"
        " LEFT JOIN suggested_tags AS suggested ON suggested.item_id = tags.item_id"
        " AND suggested.concept_id = tags.concept_id LEFT JOIN runs ON runs.id = run_id"
        " WHERE tags.item_id = ? ORDER BY CASE tags.state WHEN 'accepted' THEN 0 WHEN 'suggested' THEN 1 ELSE 2 END,"
        " 8 DESC, tags.concept_id",
        (item_id,),
    )
    found: list[Tag] = []
    suggested = 0
    for *columns, state, score, analyser, model, revision in rows:
        concept = concept_of(*columns)
        suggested += state == TagState.SUGGESTED
        if state == TagState.SUGGESTED and suggested > MOST_SUGGESTIONS:
            continue
        shown = sorted(evidence.get(concept.id, ()), key=lambda moment: -moment.score)[:MOST_EVIDENCE]
        source = PERSON if analyser is None else Source(analyser, model, revision)
        found.append(Tag(item_id, concept, TagState(state), score, source, tuple(shown)))
    return found


def forget_suggestions(connection: sqlite3.Connection, item_id: int) -> None:
    """Those of an item that leaves."""
    connection.execute("DELETE FROM suggested_tags WHERE item_id = ?", (item_id,))


def suggest_all_again(connection: sqlite3.Connection, item_id: int) -> None:
    """Those of an item that comes back, from its moments."""
    rows = connection.execute(
        "SELECT DISTINCT concept_id FROM moments WHERE item_id = ? AND layer = 'label'", (item_id,)
    )
    suggest_again(connection, item_id, [row[0] for row in rows.fetchall()])
