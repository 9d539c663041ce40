"""A person's word on tags themselves: names, parents, colour, threshold, one tag made of two; and models kept quiet.

Vocabularies and models write `concepts` as they like; nothing of theirs reaches `own_concepts`. What is proposed follows
from both, and is derived again wherever the person's word on it changes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from media_assistant.items.concept import OwnWords
from media_assistant.items.teaching import ANALYSER as TAUGHT
from media_assistant.library import item_store, tag_store
from media_assistant.library.item_store import as_text

Edit = dict[str, Any]

_COLUMNS = "en, zh, aliases, parents, colour, lowest_score, merged_into"


def own_words(connection: sqlite3.Connection, concept_id: str) -> OwnWords:
    """What the person said of this tag; no words if nothing."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM own_concepts WHERE concept_id = ?", (concept_id,)).fetchone()
    if row is None:
        return OwnWords()
    en, zh, aliases, parents, colour, lowest_score, merged_into = row
    return OwnWords(en, zh, _from_json(aliases), _from_json(parents), colour, lowest_score, merged_into)


def set_own_words(connection: sqlite3.Connection, concept_id: str, words: OwnWords) -> None:
    """Put these words in the place of those before, and bring what follows from them up to date."""
    before = own_words(connection, concept_id)
    if words == before:
        return
    if words:
        connection.execute(
            f"INSERT OR REPLACE INTO own_concepts (concept_id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                concept_id,
                None if words.en is None else as_text(words.en),
                None if words.zh is None else as_text(words.zh),
                _to_json(words.aliases),
                _to_json(words.parents),
                words.colour,
                words.lowest_score,
                words.merged_into,
            ),
        )
    else:
        connection.execute("DELETE FROM own_concepts WHERE concept_id = ?", (concept_id,))
    connection.execute("INSERT INTO switches VALUES ('own_tags', '1') ON CONFLICT DO UPDATE SET value = value + 1")
    if words.merged_into == before.merged_into:
        tag_store.move_threshold(connection, concept_id, before.lowest_score, words.lowest_score)
    else:
        for target in dict.fromkeys((concept_id, before.merged_into, words.merged_into)):
            if target is not None:
                tag_store.derive_suggestions(connection, target)
    if (words.en, words.zh) != (before.en, before.zh):
        _index_carriers(connection, concept_id)


def say_of_tag(concept_id: str, words: OwnWords) -> Edit:
    """The edit that says this of a tag in the place of what was said before."""
    plain = {name: getattr(words, name) for name in OwnWords.__dataclass_fields__}
    said = {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}
    return {"do": "say_of_tag", "concept": concept_id, "words": said}


def apply_words(connection: sqlite3.Connection, edit: Edit) -> Edit:
    """Carry out a `say_of_tag`; gives its inverse."""
    before = own_words(connection, edit["concept"])
    said: Edit = {name: tuple(value) if isinstance(value, list) else value for name, value in edit["words"].items()}
    set_own_words(connection, edit["concept"], OwnWords(**said))
    return say_of_tag(edit["concept"], before)


def quiet(model: str, *, is_quiet: bool) -> Edit:
    """The edit that shows no more proposals of a model, or shows them again. It is about tags in general: `concept` is
    none of them.
    """
    return {"do": "quiet", "concept": "", "model": model, "is_quiet": is_quiet}


def apply_quiet(connection: sqlite3.Connection, edit: Edit) -> Edit:
    """Carry out a `quiet`; gives its inverse."""
    was_quiet = edit["model"] in quiet_models(connection)
    if was_quiet != edit["is_quiet"]:
        set_quiet(connection, edit["model"], is_quiet=edit["is_quiet"])
    return quiet(edit["model"], is_quiet=was_quiet)


def merged_away(connection: sqlite3.Connection, concept_id: str) -> list[str]:
    """The tags that became this one."""
    rows = connection.execute("SELECT concept_id FROM own_concepts WHERE merged_into = ? ORDER BY 1", (concept_id,))
    return [row[0] for row in rows]


def decided_items(connection: sqlite3.Connection, concept_id: str) -> list[tuple[int, str]]:
    """(item, state) wherever the person said yes or no to this tag, removed items too."""
    rows = connection.execute(
        "SELECT item_id, state FROM decisions WHERE concept_id = ? AND span_kind = 0 ORDER BY 1", (concept_id,)
    )
    return rows.fetchall()


def is_found(connection: sqlite3.Connection, concept_id: str) -> bool:
    """Whether a model names it anywhere, other than by what the person taught it."""
    found = connection.execute(
        "SELECT 1 FROM moments JOIN runs ON runs.id = run_id WHERE concept_id = ? AND layer = 'label' AND analyser <> ?"
        " LIMIT 1",
        (concept_id, TAUGHT),
    )
    return found.fetchone() is not None


def quiet_models(connection: sqlite3.Connection) -> list[str]:
    """Models whose proposals are not shown."""
    return [row[0] for row in connection.execute("SELECT model FROM quiet_models ORDER BY 1")]


def set_quiet(connection: sqlite3.Connection, model: str, *, is_quiet: bool) -> None:
    """Show no more proposals of a model, or show them again."""
    if is_quiet:
        connection.execute("INSERT OR IGNORE INTO quiet_models VALUES (?)", (model,))
        connection.execute("DELETE FROM suggested_tags WHERE run_id IN (SELECT id FROM runs WHERE model = ?)", (model,))
    else:
        connection.execute("DELETE FROM quiet_models WHERE model = ?", (model,))
    # Where this model was the surest, another one's word may now be the best, and the other way round.
    found = connection.execute(
        "SELECT DISTINCT concept_id FROM runs JOIN moments ON moments.run_id = runs.id"
        " WHERE model = ? AND concept_id IS NOT NULL",
        (model,),
    ).fetchall()
    for concept_id in {tag_store.standing(connection, row[0]) for row in found}:
        tag_store.derive_suggestions(connection, concept_id)


def models_that_propose(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    """Each model with the number of its proposals that wait for the person's word, most first; quiet ones with 0."""
    rows = connection.execute(
        "SELECT model, count(*) FROM suggested_tags AS suggested JOIN runs ON runs.id = run_id WHERE model <> ''"
        " AND NOT EXISTS (SELECT 1 FROM decisions AS decided WHERE decided.item_id = suggested.item_id"
        " AND decided.concept_id = suggested.concept_id AND decided.span_kind = 0)"
        " GROUP BY model UNION ALL SELECT model, 0 FROM quiet_models ORDER BY 2 DESC, 1"
    )
    return rows.fetchall()


def _index_carriers(connection: sqlite3.Connection, concept_id: str) -> None:
    """An item is also found by the names of the tags that the person put on it."""
    carriers = connection.execute(
        "SELECT item_id FROM decisions JOIN items ON items.id = item_id"
        " WHERE concept_id = ? AND state = 'accepted' AND span_kind = 0 AND removed_at = ''",
        (concept_id,),
    ).fetchall()
    for (item_id,) in carriers:
        item_store.index_words(connection, item_id)


def _to_json(parts: Iterable[str] | None) -> str | None:
    return None if parts is None else json.dumps([as_text(part) for part in parts], ensure_ascii=False)


def _from_json(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(json.loads(text))
