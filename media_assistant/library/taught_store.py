"""Tags that a person teaches: that they do (journaled), the versions of what was learnt, and its proposals.

Examples are the person's decisions: of whole items as everywhere, of moments by their span. What was learnt follows from
them; what it proposes are label moments of a run `taught` of each item, like any model's.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from media_assistant.items.findings import span_from_plain, span_to_plain
from media_assistant.items.moment import Sense
from media_assistant.items.span import Span
from media_assistant.items.tag import TagState
from media_assistant.items.teaching import ANALYSER, TaughtExample, TaughtMoment, Version
from media_assistant.library import moment_store, tag_store
from media_assistant.library.item_reading import chunked, living
from media_assistant.library.span_columns import span_from_columns, span_to_columns

Edit = dict[str, Any]

MOST_EXAMPLES = 2000
"""Of a tag that is on more items than this, so many are learnt of, drawn evenly and nearly the same ones when others come."""
_DRAWN = "item_id * 2654435761 & 4294967295"
"""An order of ids as good as chance, and always the same (multiplicative hashing: Knuth, TAOCP 3, 6.4)."""
_FEW_OF = 20
"""Where a tag has more than so many times the moments that changed, its suggestions are derived on their items alone."""
KEPT_VERSIONS = 30
_MINE = f"run_id IN (SELECT id FROM runs WHERE analyser = '{ANALYSER}')"


# The person's word


def teach(concept_id: str, word: Mapping[str, Any] | None) -> Edit:
    """The edit that teaches a tag (`taught_at`, `version`, `newest`), or with None forgets that it was taught."""
    return {"do": "teach", "concept": concept_id, "word": None if word is None else dict(word)}


def taught_word(connection: sqlite3.Connection, concept_id: str) -> dict[str, Any] | None:
    """What stands of a tag; None if it is not taught."""
    row = connection.execute(
        "SELECT taught_at, version, newest FROM taught_tags WHERE concept_id = ?", (concept_id,)
    ).fetchone()
    return None if row is None else {"taught_at": row[0], "version": row[1], "newest": row[2]}


def apply_teach(connection: sqlite3.Connection, edit: Edit) -> Edit:
    """Carry out a `teach`; gives its inverse. What the tag proposes is to be worked out anew, or goes."""
    concept_id, word = edit["concept"], edit["word"]
    before = taught_word(connection, concept_id)
    if before != word:
        connection.execute("DELETE FROM taught_tags WHERE concept_id = ?", (concept_id,))
        if word is not None:
            connection.execute(
                "INSERT INTO taught_tags (concept_id, taught_at, version, newest) VALUES (?, ?, ?, ?)",
                (concept_id, word["taught_at"], word["version"], word["newest"]),
            )
        else:
            forget_proposals(connection, concept_id)
        connection.execute("UPDATE taught_versions SET judged_id = 0 WHERE concept_id = ?", (concept_id,))
    return teach(concept_id, before)


def example(item_id: int, concept_id: str, span: Span, state: TagState | None) -> Edit:
    """The edit that says of a moment that it has a tag or has it not; None takes the word back."""
    return {
        "do": "example",
        "item": item_id,
        "concept": concept_id,
        "span": span_to_plain(span),
        "state": state.value if state else None,
    }


def apply_example(connection: sqlite3.Connection, edit: Edit) -> Edit:
    """Carry out an `example`; gives its inverse."""
    span = span_from_plain(edit["span"])
    key = (edit["item"], edit["concept"], *span_to_columns(span))
    at = "item_id = ? AND concept_id = ? AND span_kind = ? AND span_a = ? AND span_b = ? AND span_c = ?"
    row = connection.execute(f"SELECT state FROM decisions WHERE {at}", key).fetchone()
    before = None if row is None else TagState(row[0])
    wanted = TagState(edit["state"]) if edit["state"] else None
    if before is not wanted:
        connection.execute(f"DELETE FROM decisions WHERE {at}", key)
        if wanted is not None:
            connection.execute(
                "INSERT INTO decisions (item_id, concept_id, span_kind, span_a, span_b, span_c, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*key, wanted.value),
            )
    return example(edit["item"], edit["concept"], span, before)


# What is read


def carried_by(connection: sqlite3.Connection, concept_id: str, places: Iterable[tuple[int, Span]]) -> list[int]:
    """The items that have the tag by these moments and no other: a wanted moment gave it to its item."""
    by_item: dict[int, set[Span]] = {}
    for item_id, span in places:
        by_item.setdefault(item_id, set()).add(span)
    found = []
    for item_id, spans in by_item.items():
        rows = connection.execute(
            "SELECT span_kind, span_a, span_b, span_c FROM decisions"
            " WHERE item_id = ? AND concept_id = ? AND span_kind <> 0 AND state = ?",
            (item_id, concept_id, TagState.ACCEPTED.value),
        )
        wanted = {span_from_columns(*columns) for columns in rows}
        has_tag = tag_store.decision(connection, item_id, concept_id) is TagState.ACCEPTED
        if has_tag and wanted and wanted <= spans:
            found.append(item_id)
    return found


def said_on(connection: sqlite3.Connection, concept_id: str, item_ids: Collection[int]) -> dict[int, TagState]:
    """What the person says of these items, removed ones too; where nothing is said of the whole, of moments of it."""
    found: dict[int, TagState] = {}
    for part in chunked(list(item_ids)):
        marks = ",".join("?" * len(part))
        # Of an item the last row counts: that of the whole, or else of a moment that is wanted.
        rows = connection.execute(
            f"SELECT item_id, state FROM decisions WHERE concept_id = ? AND item_id IN ({marks})"
            " ORDER BY span_kind = 0, state = ?",
            (concept_id, *part, TagState.ACCEPTED.value),
        )
        found |= {item_id: TagState(state) for item_id, state in rows}
    return found


def moments_said(connection: sqlite3.Connection, concept_id: str) -> dict[tuple[int, Span], TagState]:
    """Wherever the person said of a moment that it has the tag or has it not, in removed items too."""
    rows = connection.execute(
        "SELECT item_id, state, span_kind, span_a, span_b, span_c FROM decisions WHERE concept_id = ? AND span_kind <> 0"
        " ORDER BY 1, 3, 4, 5, 6",
        (concept_id,),
    )
    return {(item_id, span_from_columns(*columns)): TagState(state) for item_id, state, *columns in rows}


def taught_ids(connection: sqlite3.Connection) -> list[str]:
    """The tags that are taught, without those that became another one."""
    rows = connection.execute(
        "SELECT concept_id FROM taught_tags WHERE NOT EXISTS (SELECT 1 FROM own_concepts AS own"
        " WHERE own.concept_id = taught_tags.concept_id AND own.merged_into IS NOT NULL) ORDER BY 1"
    )
    return [row[0] for row in rows]


def examples(connection: sqlite3.Connection, concept_id: str) -> list[TaughtExample]:
    """The person's word on the tag, of items that are there, the newest items first; of more than `MOST_EXAMPLES` that have
    it, or have it not, some are drawn. A moment that is wanted stands for its item, which is then no example as a whole; one
    that is refused does not: of the rest nothing is said by it.
    """
    found: list[TaughtExample] = []
    for state, count in said_of(connection, concept_id).items():
        # Twice as many are drawn, for some may have left the library.
        drawn = "decisions"
        if count > MOST_EXAMPLES:
            drawn = f"(SELECT * FROM decisions WHERE concept_id = ?1 AND state = ?2 ORDER BY {_DRAWN} LIMIT 2 * ?3)"
        rows = connection.execute(
            f"SELECT item_id, span_kind, span_a, span_b, span_c FROM {drawn} JOIN items ON items.id = item_id"
            f" WHERE concept_id = ?1 AND state = ?2 AND removed_at = '' ORDER BY {_DRAWN} LIMIT ?3",
            (concept_id, state.value, MOST_EXAMPLES),
        ).fetchall()
        rows.sort(key=lambda row: (-row[0], *row[1:]))
        by_moment = {row[0] for row in rows if row[1]} if state is TagState.ACCEPTED else set()
        found += [
            TaughtExample(row[0], span_from_columns(*row[1:]), state is TagState.REJECTED)
            for row in rows
            if row[1] or row[0] not in by_moment
        ]
    return found


def said_of(connection: sqlite3.Connection, concept_id: str) -> dict[TagState, int]:
    """On how many items and moments the person said that they have the tag, and on how many that they have not."""
    rows = dict(
        connection.execute("SELECT state, count(*) FROM decisions WHERE concept_id = ? GROUP BY state", (concept_id,))
    )
    return {state: rows.get(state.value, 0) for state in (TagState.ACCEPTED, TagState.REJECTED)}


def versions(connection: sqlite3.Connection, concept_id: str) -> list[Version]:
    """The newest first, without what judges; the one that is asked is current."""
    word = taught_word(connection, concept_id)
    rows = connection.execute(
        "SELECT version, made_at, examples, report, judged_id FROM taught_versions WHERE concept_id = ?"
        " ORDER BY version DESC",
        (concept_id,),
    ).fetchall()
    newest = rows[0][0] if rows else 0
    numbers = {row[0] for row in rows}
    chosen = word["version"] if word and word["version"] in numbers and word["newest"] >= newest else newest
    return [
        Version(concept_id, number, made_at, _examples(said), json.loads(report), judged_id, number == chosen)
        for number, made_at, said, report, judged_id in rows
    ]


def head_of(connection: sqlite3.Connection, concept_id: str, number: int) -> bytes:
    """What judges in a version; empty if there is no such one."""
    row = connection.execute(
        "SELECT head FROM taught_versions WHERE concept_id = ? AND version = ?", (concept_id, number)
    ).fetchone()
    return b"" if row is None else bytes(row[0])


def labels_of(
    connection: sqlite3.Connection, item_ids: Collection[int], without: str = ""
) -> dict[int, dict[str, float]]:
    """(concept, score) that models found on items: not what was taught, not what the person refused, and nothing of the
    tag `without` that the person said.
    """
    found: dict[int, dict[str, float]] = {}
    for part in chunked(list(item_ids)):
        marks = ",".join("?" * len(part))
        rows = connection.execute(
            "SELECT suggested.item_id, suggested.concept_id, suggested.score FROM suggested_tags AS suggested"
            " JOIN runs ON runs.id = suggested.run_id AND runs.analyser <> ?"
            " LEFT JOIN decisions AS decided ON decided.item_id = suggested.item_id AND decided.span_kind = 0"
            " AND decided.concept_id = suggested.concept_id AND decided.state = 'rejected'"
            f" WHERE suggested.item_id IN ({marks}) AND (decided.item_id IS NULL OR suggested.concept_id = ?)",
            (ANALYSER, *part, without),
        )
        for item_id, concept_id, score in rows:
            found.setdefault(item_id, {})[concept_id] = score
    return found


def last_vector(connection: sqlite3.Connection) -> int:
    """The highest id of a vector."""
    return int(connection.execute("SELECT ifnull(max(id), 0) FROM vectors").fetchone()[0])


def items_after(connection: sqlite3.Connection, vector_id: int, limit: int) -> tuple[list[int], int]:
    """The items of the next `limit` vectors after this one, and the last vector looked at."""
    rows = connection.execute(
        "SELECT id, item_id FROM vectors WHERE id > ? ORDER BY id LIMIT ?", (vector_id, limit)
    ).fetchall()
    return list(dict.fromkeys(row[1] for row in rows)), rows[-1][0] if rows else vector_id


def decided(connection: sqlite3.Connection, concept_id: str) -> set[int]:
    """Items on which the person has spoken."""
    rows = connection.execute("SELECT item_id FROM decisions WHERE concept_id = ? AND span_kind = 0", (concept_id,))
    return {row[0] for row in rows}


def proposed(connection: sqlite3.Connection, concept_id: str) -> dict[int, float]:
    """(item, chance) of all that was taught to be proposed, whatever the threshold."""
    rows = connection.execute(
        f"SELECT item_id, max(score) FROM moments WHERE concept_id = ? AND {_MINE} GROUP BY item_id", (concept_id,)
    )
    return dict(rows.fetchall())


# What is written


def put_version(connection: sqlite3.Connection, version: Version, head: bytes) -> None:
    """A new version; very old ones go."""
    said = [[each.item_id, span_to_plain(each.span), each.is_counter] for each in version.examples]
    connection.execute(
        "INSERT OR REPLACE INTO taught_versions (concept_id, version, made_at, head, report, examples, judged_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            version.concept_id,
            version.number,
            version.made_at,
            head,
            json.dumps(version.report),
            json.dumps(said),
            version.judged_id,
        ),
    )
    connection.execute(
        "DELETE FROM taught_versions WHERE concept_id = ? AND version <= ? AND version <> ifnull("
        "(SELECT version FROM taught_tags WHERE concept_id = ?), 0)",
        (version.concept_id, version.number - KEPT_VERSIONS, version.concept_id),
    )


def put_report(
    connection: sqlite3.Connection, concept_id: str, number: int, report: Mapping[str, Any], until: int
) -> None:
    """What is to be said of a version, and up to which vector it has judged."""
    connection.execute(
        "UPDATE taught_versions SET report = ?, judged_id = ? WHERE concept_id = ? AND version = ?",
        (json.dumps(report), until, concept_id, number),
    )


def forget_proposals(
    connection: sqlite3.Connection, concept_id: str, item_ids: Sequence[int] | None = None, *, derives: bool = True
) -> set[int]:
    """Take away what was taught to be proposed, on these items or on all; gives where there was some."""
    if item_ids is None:
        rows = connection.execute(
            f"DELETE FROM moments WHERE concept_id = ? AND {_MINE} RETURNING item_id", (concept_id,)
        ).fetchall()
        gone = {row[0] for row in rows}
    else:
        gone = set()
        for part in chunked(list(item_ids)):
            marks = ",".join("?" * len(part))
            rows = connection.execute(
                f"DELETE FROM moments WHERE concept_id = ? AND item_id IN ({marks}) AND {_MINE} RETURNING item_id",
                (concept_id, *part),
            ).fetchall()
            gone |= {row[0] for row in rows}
    if gone and derives:
        _suggest(connection, concept_id, gone)
    return gone


def _suggest(connection: sqlite3.Connection, concept_id: str, touched: Collection[int]) -> None:
    """Derive the suggestions of a tag where its moments changed: on these items, or if they are many of its own, on all."""
    standing = tag_store.standing(connection, concept_id)
    counted = "SELECT count(*) FROM (SELECT 1 FROM moments WHERE concept_id = ? LIMIT ?)"
    enough = _FEW_OF * len(touched) + 1
    if connection.execute(counted, (concept_id, enough)).fetchone()[0] < enough:
        tag_store.derive_suggestions(connection, standing)
    else:
        _suggest_on(connection, standing, touched)


def _suggest_on(connection: sqlite3.Connection, standing: str, touched: Collection[int]) -> None:
    tag_store.note_change(connection)
    for part in chunked(sorted(touched)):
        marks = ",".join("?" * len(part))
        connection.execute(
            f"DELETE FROM suggested_tags WHERE concept_id = ? AND item_id IN ({marks})", (standing, *part)
        )
    for item_id in living(connection, list(touched)):
        tag_store.suggest_again(connection, item_id, [standing])


def put_proposals(
    connection: sqlite3.Connection, concept_id: str, found: Iterable[TaughtMoment], item_ids: Sequence[int] | None
) -> set[int]:
    """These in the place of what was proposed before, on `item_ids` or everywhere; gives the items touched. Of these items
    what was proposed for a file that is no longer there goes: it would pass for new beside them.
    """
    touched = forget_proposals(connection, concept_id, item_ids, derives=False)
    moments = list(found)
    owners = {each.item_id for each in moments}
    runs: dict[int, int] = {}
    for part in chunked(sorted(owners)):
        marks = ",".join("?" * len(part))
        stale = connection.execute(
            f"SELECT item_id FROM runs WHERE analyser = ? AND is_stale = {moment_store.STALE} AND item_id IN ({marks})",
            (ANALYSER, *part),
        ).fetchall()
        for (item_id,) in stale:
            moment_store.forget_runs(connection, item_id, [ANALYSER])
        connection.executemany(
            "INSERT INTO runs (item_id, analyser, version, model, revision, is_complete) VALUES (?, ?, 1, ?, '', 1)"
            " ON CONFLICT (item_id, analyser) DO UPDATE SET is_complete = 1, is_stale = 0",
            [(item_id, ANALYSER, ANALYSER) for item_id in part],
        )
        runs |= dict(
            connection.execute(
                f"SELECT item_id, id FROM runs WHERE item_id IN ({marks}) AND analyser = ?", (*part, ANALYSER)
            ).fetchall()
        )
    connection.executemany(
        "INSERT INTO moments (item_id, run_id, span_kind, span_a, span_b, span_c, sense, layer, concept_id, score)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 'label', ?, ?)",
        [
            (
                each.item_id,
                runs[each.item_id],
                *span_to_columns(each.span),
                Sense(each.sense).value,
                concept_id,
                float(each.chance),
            )
            for each in moments
        ],
    )
    touched |= owners
    if touched and item_ids is not None:
        _suggest_on(connection, tag_store.standing(connection, concept_id), touched)
    elif touched:
        _suggest(connection, concept_id, touched)
    return touched


def _examples(said: str) -> tuple[TaughtExample, ...]:
    return tuple(TaughtExample(item_id, span_from_plain(span), bool(no)) for item_id, span, no in json.loads(said))
