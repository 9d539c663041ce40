"""Tags counted: how many items carry each one or a tag below it, and how many of these wait for the person's word."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping

from media_assistant.items.concept import NEVER, Concept, TagCensus
from media_assistant.items.tag import TagState
from media_assistant.items.tag_tree import below, children_of, with_ancestors
from media_assistant.library import tag_store


def below_tag(connection: sqlite3.Connection, concept_id: str) -> set[str]:
    """A tag, as it stands, and everything that is a kind of it."""
    return below(children_of(tag_store.concepts(connection)), tag_store.standing(connection, concept_id))


def counts(connection: sqlite3.Connection) -> list[tuple[Concept, int]]:
    """How many items carry each tag or one below it (refused ones do not), the most frequent first. Tags that only hold
    others together are not among them.

    A quarter of a second for 100,000 items with six suggestions each.
    """
    known = {concept.id: concept for concept in tag_store.concepts(connection)}
    single = _carried(connection)
    whole = _with_what_is_below(connection, known, single)
    # A word that an older version left on a tag which is another one by now counts nowhere.
    carried = [
        (known[concept_id], whole.get(concept_id, count))
        for concept_id, count in single.items()
        if count and concept_id in known
    ]
    return sorted(carried, key=lambda pair: (-pair[1], pair[0].en, pair[0].id))


def census(connection: sqlite3.Connection) -> list[TagCensus]:
    """Every tag that is on an item, that holds such tags together, or that the person made; by id."""
    known = {concept.id: concept for concept in tag_store.concepts(connection)}
    own = {
        row[0]: (row[1], bool(row[2]))
        for row in connection.execute(
            "SELECT concept_id, lowest_score, ifnull(en, zh) IS NOT NULL OR parents IS NOT NULL OR colour <> ''"
            " FROM own_concepts WHERE merged_into IS NULL"
        )
    }
    single = _carried(connection)
    whole = _with_what_is_below(connection, known, single)
    proposed = _proposed(connection)
    present = [concept_id for concept_id, count in single.items() if count]
    present += [concept_id for concept_id, (lowest, is_made) in own.items() if is_made and lowest < NEVER]
    return [
        TagCensus(
            known[concept_id],
            whole.get(concept_id, single.get(concept_id, 0)),
            proposed.get(concept_id, 0),
            own.get(concept_id, (0.0, False))[0],
            own.get(concept_id, (0.0, False))[1] or concept_id.startswith("own:"),
        )
        for concept_id in sorted(with_ancestors(known, present))
    ]


def never_proposed(connection: sqlite3.Connection) -> list[Concept]:
    """Tags that models may not propose any more."""
    rows = connection.execute(
        f"SELECT {tag_store.CONCEPT} FROM concepts {tag_store.OWN} WHERE own.lowest_score >= ?"
        " AND own.merged_into IS NULL",
        (NEVER,),
    )
    return [tag_store.concept_of(*row) for row in rows]


def _carried(connection: sqlite3.Connection) -> dict[str, int]:
    """Items by tag, without what is below it.

    Suggestions are counted in their index alone, and decisions, which are few, are then set against them: in a large
    library the view `tags` would take seconds.
    """
    found: dict[str, int] = dict(
        connection.execute("SELECT concept_id, count(*) FROM suggested_tags GROUP BY concept_id").fetchall()
    )
    for concept_id, state, is_suggested_too in _decisions(connection):
        found[concept_id] = found.get(concept_id, 0) + (state == TagState.ACCEPTED) - is_suggested_too
    return found


def _proposed(connection: sqlite3.Connection) -> dict[str, int]:
    found: dict[str, int] = dict(
        connection.execute("SELECT concept_id, count(*) FROM suggested_tags GROUP BY concept_id").fetchall()
    )
    for concept_id, _state, is_suggested_too in _decisions(connection):
        found[concept_id] = found.get(concept_id, 0) - is_suggested_too
    return found


def _decisions(connection: sqlite3.Connection) -> Iterable[tuple[str, str, int]]:
    return connection.execute(
        "SELECT concept_id, state, EXISTS (SELECT 1 FROM suggested_tags AS suggested WHERE"
        " suggested.item_id = decided.item_id AND suggested.concept_id = decided.concept_id)"
        " FROM decisions AS decided JOIN items ON items.id = item_id WHERE removed_at = '' AND span_kind = 0"
    )


def _with_what_is_below(
    connection: sqlite3.Connection, known: Mapping[str, Concept], single: Mapping[str, int]
) -> dict[str, int]:
    """For tags that have carried ones below them: how many items carry any of these."""
    children = children_of(known.values())
    found: dict[str, int] = {}
    for parent in children:
        carried = [each for each in below(children, parent) if single.get(each)]
        if carried in ([], [parent]):
            continue
        found[parent] = connection.execute(
            # Not by the view `tags`: its indexes are out of reach of a list.
            "SELECT count(*) FROM (SELECT item_id FROM suggested_tags AS suggested"
            " WHERE concept_id IN (SELECT value FROM json_each(?1)) AND NOT EXISTS (SELECT 1 FROM decisions AS decided"
            " WHERE decided.item_id = suggested.item_id AND decided.concept_id = suggested.concept_id"
            " AND decided.span_kind = 0) UNION SELECT item_id FROM decisions JOIN items ON items.id = item_id"
            " WHERE concept_id IN (SELECT value FROM json_each(?1)) AND state = 'accepted' AND span_kind = 0"
            " AND removed_at = '')",
            (json.dumps(carried),),
        ).fetchone()[0]
    return found
