"""A step of the journal taken back although others came after it, and what stands in the way of that.

A step can be taken back alone as long as nothing that was done since is about the same thing: the same tag on the same
item, the same lines, the same collection's order. Taking it back is a step itself: the inverse of what it did.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from media_assistant.errors import UserFixable
from media_assistant.items.findings import span_from_plain
from media_assistant.items.span import reach
from media_assistant.library import history_store
from media_assistant.library.history_store import Done

Edit = dict[str, Any]
Thing = tuple[str | int, ...]
"""What an edit is about, from the whole to its part: `("item", 7)` holds `("item", 7, "tag", "dog")`."""


@dataclass(frozen=True, slots=True)
class _Touched:
    """A thing, of lines also where they lie: from and to in ms, or nothing for all of them."""

    thing: Thing
    between: tuple[int, int] | None = None

    def meets(self, other: _Touched) -> bool:
        length = min(len(self.thing), len(other.thing))
        if self.thing[:length] != other.thing[:length]:
            return False
        if self.between is None or other.between is None:
            return True
        (start, end), (other_start, other_end) = self.between, other.between
        # Half-open, but where something has no length its place counts.
        return start < max(other_end, other_start + 1) and other_start < max(end, start + 1)


def take_back(connection: sqlite3.Connection, step: int, at: str) -> Done:
    """Take a step back alone; the last one is simply undone. Raises UserFixable: `library.step_gone`,
    `library.step_taken_back`, `library.step_built_on`.
    """
    state = connection.execute("SELECT state FROM journal WHERE group_id = ? LIMIT 1", (step,)).fetchone()
    if state is None or state[0] != "done":
        raise UserFixable("library.step_gone")
    if connection.execute("SELECT max(group_id) FROM journal WHERE state = 'done'").fetchone()[0] == step:
        return history_store.undo(connection)
    if step in taken_back(connection):
        raise UserFixable("library.step_taken_back")
    if (later := built_on(connection, step)) is not None:
        raise UserFixable("library.step_built_on", step=later)
    rows = connection.execute(
        "SELECT inverse FROM journal WHERE group_id = ? AND state = 'done' ORDER BY id DESC", (step,)
    ).fetchall()
    edits = [json.loads(text) for (text,) in rows]
    return history_store.perform(connection, "take_back", at, edits, takes_back=step)


def taken_back(connection: sqlite3.Connection) -> dict[int, int]:
    """Each step that does not hold any more, with the one that took it back."""
    rows = connection.execute(
        "SELECT DISTINCT group_id, takes_back FROM journal INDEXED BY journal_by_older WHERE takes_back IS NOT NULL AND state = 'done'"
        " ORDER BY group_id DESC"
    ).fetchall()
    found: dict[int, int] = {}
    for step, older in rows:
        # The newest first: one that was taken back itself takes nothing back.
        if step not in found:
            found[older] = step
    return found


def built_on(connection: sqlite3.Connection, step: int) -> int | None:
    """The first later step that is about the same as this one; None if it can be taken back alone.

    Reads the journal from this step on: about 3 µs for each of its rows.
    """
    own = _Near(touched for _, touched in _touched(connection, "group_id = :step", {"step": step}))
    gone = taken_back(connection)
    moot = {*gone, *gone.values()}
    named: dict[str, list[str | int]] = {}
    for kind, *rest in own.things:
        named.setdefault(str(kind), []).extend(rest[:1])
    values: dict[str, str | int] = {"step": step, **{kind: json.dumps(named.get(kind, [])) for kind in _KINDS}}
    for later, touched in _touched(connection, f"group_id > :step AND ({_NEAR})", values):
        if later not in moot and any(touched.meets(each) for each in own.to(touched.thing)):
            return later
    return None


class _Near:
    """What a step touched, to be found by what is looked at: both may be about thousands of items."""

    def __init__(self, touched: Iterable[_Touched]) -> None:
        self.things: dict[Thing, list[_Touched]] = {}
        self._within: dict[Thing, list[_Touched]] = {}
        for each in touched:
            self.things.setdefault(each.thing, []).append(each)
            for length in range(1, len(each.thing)):
                self._within.setdefault(each.thing[:length], []).append(each)

    def to(self, thing: Thing) -> Iterator[_Touched]:
        """What is a part of this, or this a part of it."""
        yield from self._within.get(thing, ())
        for length in range(1, len(thing) + 1):
            yield from self.things.get(thing[:length], ())


_KINDS = ("item", "collection", "root", "tag", "said")
_NEAR = (
    "json_extract(edit, '$.item') IN (SELECT value FROM json_each(:item))"
    " OR json_extract(edit, '$.collection') IN (SELECT value FROM json_each(:collection))"
    " OR json_extract(edit, '$.root') IN (SELECT value FROM json_each(:root))"
    " OR json_extract(edit, '$.concept') IN (SELECT value FROM json_each(:tag))"
    " OR json_extract(edit, '$.do') = 'say_of_tag'"
    " AND json_extract(edit, '$.concept') IN (SELECT value FROM json_each(:said))"
    " OR json_extract(edit, '$.do') IN ('bring_in', 'take_out', 'names', 'quiet', 'say_of_pair', 'refuse_group')"
)
"""What may be about the same: by what an edit names, before it is looked at more closely."""


def _touched(
    connection: sqlite3.Connection, where: str, values: Mapping[str, str | int]
) -> Iterator[tuple[int, _Touched]]:
    rows = connection.execute(
        f"SELECT group_id, edit, inverse FROM journal WHERE {where} AND state = 'done' ORDER BY group_id, id", values
    )
    for group_id, edit, inverse in rows:
        for touched in _about(json.loads(edit), json.loads(inverse)):
            yield group_id, touched


def _about(edit: Edit, inverse: Edit) -> Iterator[_Touched]:
    match edit["do"]:
        case "decide" | "example":
            yield _Touched(("item", edit["item"], "tag", edit["concept"]))
            yield _Touched(("said", edit["concept"], edit["item"]))
        case "mark":
            yield _Touched(("item", edit["item"], "mark", json.dumps(edit["span"], sort_keys=True)))
        case "rewrite":
            yield _Touched(("item", edit["item"], "lines", edit["sense"]), _reach(edit, inverse))
        case "line":
            yield _Touched(("item", edit["item"], "lines", edit["sense"]))
        case "files" | "rate" | "say_of_liking" as what:
            yield _Touched(("item", edit["item"], what, edit.get("word", "")))
        case "say_of_pair":
            first, second = edit["items"]
            yield _Touched(("item", first, "pair", second))
            yield _Touched(("item", second, "pair", first))
        case "bring_in" | "take_out":
            for item_id in (*edit["items"], *inverse["items"]):
                yield _Touched(("item", item_id))
        case "collection" if edit["row"] is not None and inverse["row"] is not None:
            yield _Touched(("collection", edit["collection"], "row"))
        case "places" | "entries":
            yield _Touched(("collection", edit["collection"], "entries"))
        case "say_of_tag" | "teach" as what:
            yield _Touched(("tag", edit["concept"]))
            if what == "say_of_tag" and edit["words"]["merged_into"] != inverse["words"]["merged_into"]:
                # Whatever is said of the tag, on any item, is said of another one from here on.
                yield _Touched(("said", edit["concept"]))
        case "quiet" | "refuse_group" as what:
            yield _Touched((what, json.dumps(edit.get("group", edit.get("model")))))
        case other:
            # The whole of what it names; of one that names nothing, all there is of its kind.
            named = next(((name, edit[name]) for name in ("item", "collection", "root") if name in edit), (other,))
            yield _Touched(named)


def _reach(edit: Edit, inverse: Edit) -> tuple[int, int] | None:
    """The ms from the first to the last that a rewriting of lines is about; None where one of them is no time."""
    spans = [line["span"] for line in (*edit["out"], *edit["in"], *inverse["out"], *inverse["in"])]
    spans += [span for _, _, span in (*edit["take"], *edit["free"])]
    return reach(span_from_plain(span) for span in spans)
