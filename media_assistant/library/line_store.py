"""The lines that a person put in: written, corrected, moved, read from a file, or listened to again at their wish.

They are moments without a run. Each lies, with whatever it replaced, in a stretch (`stretches.py`) where no found line
is shown. An edit is the rows and stretches that come and go, by value, so that its inverse is the same turned round.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from media_assistant.items.findings import span_from_plain, span_to_plain
from media_assistant.items.moment import Layer, Moment, Sense, Source, Word
from media_assistant.items.span import Span, reach
from media_assistant.items.transcript import Rewrite
from media_assistant.library import stretches, text_index
from media_assistant.library.item_store import as_text
from media_assistant.library.moment_store import insert_moment, of_item, origin_of, words_from
from media_assistant.library.span_columns import span_from_columns, span_to_columns
from media_assistant.library.stretches import Ground, Stretch

Plain = dict[str, Any]


def line_to_plain(line: Moment) -> Plain:
    """As a JSON value of the journal."""
    return {
        "span": span_to_plain(line.span),
        "text": as_text(line.text),
        "language": line.language,
        "words": [[word.start_ms, word.end_ms, as_text(word.text), word.probability] for word in line.words],
        "origin": origin_of(line),
    }


def line_from_plain(plain: Plain, sense: Sense) -> Moment:
    """The inverse of `line_to_plain`."""
    return Moment(
        span_from_plain(plain["span"]),
        sense,
        Layer.LINE,
        text=plain["text"],
        language=plain["language"],
        words=tuple(Word(*word) for word in plain["words"]),
        source=Source(*json.loads(plain["origin"])) if plain["origin"] else Source("person"),
    )


def plan_rewrite(connection: sqlite3.Connection, rewrite: Rewrite) -> Plain:
    """The edit that makes the visible lines what the person asked for, and changes no other.

    A found line that a new stretch would hide without being meant is put in as it stands.
    """
    item_id, sense = rewrite.item_id, rewrite.sense
    rows = connection.execute(
        "SELECT id FROM moments WHERE item_id = ? AND layer = 'line' AND run_id IS NULL", (item_id,)
    )
    own_ids = {row[0] for row in rows}
    put = [line for line in rewrite.put if line.text.strip()]
    near = reach(line.span for line in (*rewrite.out, *put))

    def visible() -> list[Moment]:
        lines = of_item(connection, item_id, layer=Layer.LINE, between=near)
        return [line for line in lines if line.sense is sense]

    out = list(_still_there(visible(), rewrite.out))
    gone = {line.id for line in out}
    spoken = connection.execute(
        "SELECT DISTINCT language FROM moments WHERE item_id = ? AND layer = 'line' AND sense = ? AND is_covered = 0",
        (item_id, sense.value),
    )
    languages = {row[0] for row in spoken} | {line.language for line in put}

    def stretch_of(line: Moment) -> Stretch:
        return Stretch(sense, line.language if len(languages - {""}) > 1 else "", line.span)

    held = stretches.of_item(connection, item_id)
    take = {stretch_of(line) for line in (*(line for line in out if line.id not in own_ids), *put)} - held
    while take:
        ground = Ground(held | take)
        adopted = [line for line in visible() if line.id not in own_ids | gone and ground.covers(line)]
        if not adopted:
            break
        put += adopted
        gone |= {line.id for line in adopted}
        take |= {stretch_of(line) for line in adopted} - held
        # What is put in reaches further, and may hide what lies there.
        near = reach(stretch.span for stretch in take) if near is not None else None
    return {
        "do": "rewrite",
        "item": item_id,
        "sense": sense.value,
        "out": [line_to_plain(line) for line in out if line.id in own_ids],
        "in": [line_to_plain(line) for line in put],
        "free": [],
        "take": sorted((stretches.to_plain(stretch) for stretch in take), key=str),
    }


def _still_there(visible: Sequence[Moment], wanted: Iterable[Moment]) -> Iterator[Moment]:
    """Lines by id, or by what they say and when: whoever asked may have seen them a moment ago."""
    by_id = {line.id: line for line in visible}
    by_value: dict[tuple[Span, str, str], list[Moment]] = {}
    for line in visible:
        by_value.setdefault((line.span, line.text, line.language), []).append(line)
    taken: set[int] = set()
    for line in wanted:
        same = by_id.get(line.id) if line.id else None
        if same is None or same.text != line.text or same.id in taken:
            likely = by_value.get((line.span, as_text(line.text), line.language), ())
            same = next((other for other in likely if other.id not in taken), None)
        if same is not None:
            taken.add(same.id)
            yield same


def rewrite(connection: sqlite3.Connection, edit: Plain) -> Plain:
    """Carry an edit of `plan_rewrite` out; gives its inverse, or the edit itself if nothing was to be done."""
    item_id, sense = edit["item"], Sense(edit["sense"])
    removed = _delete_rows(connection, item_id, sense, edit["out"])
    rows: list[tuple[int, int, Sense | str, str]] = []
    for plain in edit["in"]:
        moment_id = insert_moment(connection, item_id, None, line_from_plain(plain, sense))
        rows.append((moment_id, item_id, sense, plain["text"]))
    text_index.index_moments(connection, rows)
    freed = [plain for plain in edit["free"] if stretches.remove(connection, item_id, stretches.from_plain(plain))]
    taken = [plain for plain in edit["take"] if stretches.add(connection, item_id, stretches.from_plain(plain))]
    if not (removed or rows or freed or taken):
        return edit
    if freed or taken:
        near = reach(stretches.from_plain(plain).span for plain in (*freed, *taken))
        cover_again(connection, item_id, near)
    return {**edit, "out": edit["in"], "in": removed, "free": taken, "take": freed}


def _delete_rows(connection: sqlite3.Connection, item_id: int, sense: Sense, lines: Sequence[Plain]) -> list[Plain]:
    if not lines:
        return []
    rows: dict[str, list[int]] = {}
    near = reach(span_from_plain(plain["span"]) for plain in lines)
    found = connection.execute(
        "SELECT id, span_kind, span_a, span_b, span_c, text, language, words, origin FROM moments"
        " WHERE item_id = ? AND layer = 'line' AND run_id IS NULL AND sense = ?"
        + ("" if near is None else " AND span_kind = 1 AND span_a <= ? AND span_b >= ?"),
        (item_id, sense.value, *(() if near is None else (near[1], near[0]))),
    )
    for moment_id, kind, a, b, c, text, language, words, origin in found:
        plain = {
            "span": span_to_plain(span_from_columns(kind, a, b, c)),
            "text": text,
            "language": language,
            "words": json.loads(words) if words else [],
            "origin": origin,
        }
        rows.setdefault(json.dumps(plain, sort_keys=True), []).append(moment_id)
    removed: list[Plain] = []
    ids: list[int] = []
    for line in lines:
        likely = rows.get(json.dumps(line, sort_keys=True))
        if likely:
            ids.append(likely.pop())
            removed.append(line)
    connection.executemany("DELETE FROM moments WHERE id = ?", [(moment_id,) for moment_id in ids])
    text_index.unindex_moments(connection, ids)
    return removed


def cover_again(connection: sqlite3.Connection, item_id: int, near: tuple[int, int] | None = None) -> None:
    """After stretches came or went: which found lines are shown. `near`: only those that touch these ms."""
    ground = stretches.ground_of(connection, item_id)
    hidden: list[int] = []
    shown: list[tuple[int, int, Sense | str, str]] = []
    rows = connection.execute(
        "SELECT id, span_kind, span_a, span_b, span_c, sense, language, text, words, is_covered FROM moments"
        " WHERE item_id = ? AND layer = 'line' AND run_id IS NOT NULL"
        + ("" if near is None else " AND span_kind = 1 AND span_a <= ? AND span_b >= ?"),
        (item_id,) if near is None else (item_id, near[1], near[0]),
    )
    for moment_id, kind, a, b, c, sense, language, text, words, was_covered in rows:
        span = span_from_columns(kind, a, b, c)
        # With its words, for they decide: what an edit took over by them is what must not be seen twice.
        line = Moment(span, Sense(sense), Layer.LINE, text=text, language=language, words=words_from(words))
        is_covered = ground is not None and ground.covers(line)
        if is_covered and not was_covered:
            hidden.append(moment_id)
        elif was_covered and not is_covered:
            shown.append((moment_id, item_id, sense, text))
    for state, ids in ((1, hidden), (0, [row[0] for row in shown])):
        connection.executemany(
            "UPDATE moments SET is_covered = ? WHERE id = ?", [(state, moment_id) for moment_id in ids]
        )
    text_index.unindex_moments(connection, hidden)
    text_index.index_moments(connection, shown)


# A line by its span alone: what journals of the first version hold


def own_line(connection: sqlite3.Connection, item_id: int, span: Span, sense: Sense) -> str | None:
    """What a person wrote for exactly this span, `""` for a line taken away; None if nothing."""
    row = connection.execute(
        "SELECT text FROM moments WHERE item_id = ? AND layer = 'line' AND span_kind = ? AND span_a = ?"
        " AND span_b = ? AND span_c = ? AND sense = ? AND run_id IS NULL",
        (item_id, *span_to_columns(span), sense.value),
    ).fetchone()
    if row is not None:
        return str(row[0])
    return "" if Stretch(sense, "", span) in stretches.of_item(connection, item_id) else None


def set_own_line(connection: sqlite3.Connection, item_id: int, span: Span, sense: Sense, text: str | None) -> None:
    """Write a line in the place of what was found there; `""` deletes that, None takes the person's word back."""
    old = connection.execute(
        "DELETE FROM moments WHERE item_id = ? AND layer = 'line' AND span_kind = ? AND span_a = ? AND span_b = ?"
        " AND span_c = ? AND sense = ? AND run_id IS NULL RETURNING id",
        (item_id, *span_to_columns(span), sense.value),
    ).fetchall()
    text_index.unindex_moments(connection, [row[0] for row in old])
    if text:
        moment_id = insert_moment(connection, item_id, None, Moment(span, sense, Layer.LINE, text=text))
        text_index.index_moment(connection, moment_id, item_id, sense, as_text(text))
    change = stretches.remove if text is None else stretches.add
    change(connection, item_id, Stretch(sense, "", span))
    cover_again(connection, item_id)


# Lines of the whole library


def spoken_texts(connection: sqlite3.Connection, item_ids: Sequence[int] | None) -> Iterator[tuple[int, int, str]]:
    """(item_id, moment_id, text) of every spoken line that is shown, of these items or of all."""
    where = "layer = 'line' AND sense = 'said' AND is_covered = 0 AND text <> ''"
    if item_ids is None:
        yield from connection.execute(
            f"SELECT item_id, moments.id, text FROM moments JOIN items ON items.id = item_id"
            f" WHERE removed_at = '' AND {where} ORDER BY item_id"
        )
        return
    for item_id in item_ids:
        yield from connection.execute(
            f"SELECT item_id, id, text FROM moments WHERE item_id = ? AND {where}", (item_id,)
        )
