"""The names of a network's classes: a `.txt` of one name a line, a `.csv` or `.tsv` with a header, or a `.json`."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass

from media_assistant.errors import UserFixable
from media_assistant.inference.card import ModelCard

_ENGLISH = ("en", "display_name", "name_en", "name", "label", "class", "tag")
_CHINESE = ("zh", "name_zh", "zh_cn")
_KEYS = ("wnid", "mid", "key", "id", "synset")


@dataclass(frozen=True, slots=True)
class Label:
    """`name_zh` is empty where the file has none. `key` is a public id (a WordNet id `n02084071`, AudioSet's `/m/0bt9lr`)."""

    name_en: str
    name_zh: str = ""
    key: str = ""


def read_labels(card: ModelCard) -> tuple[Label, ...]:
    """One label per class, in the network's order. Raises UserFixable("model.file_missing", "model.unreadable")."""
    name = card.labels
    if not name:
        raise UserFixable("model.file_missing", model=card.id, file="labels")
    try:
        text = card.path(name).read_text("utf-8-sig")
        if name.endswith(".json"):
            return _from_json(json.loads(text))
        if name.endswith((".csv", ".tsv")):
            return _from_table(text, "\t" if name.endswith(".tsv") else ",")
    except FileNotFoundError as fault:
        raise UserFixable("model.file_missing", model=card.id, file=name) from fault
    except (OSError, ValueError, csv.Error) as fault:
        raise UserFixable("model.unreadable", model=card.id, file=name, reason=str(fault)) from fault
    return tuple(Label(line.strip()) for line in text.splitlines() if line.strip())


def _from_table(text: str, delimiter: str) -> tuple[Label, ...]:
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(row)]
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    english = _column(header, _ENGLISH)
    if english is None:
        # No header: the last cell of a row is its name.
        return tuple(Label(row[-1].strip()) for row in rows)
    chinese, key = _column(header, _CHINESE), _column(header, _KEYS)
    index = _column(header, ("index",))
    body = rows[1:]
    if index is not None:
        body = sorted(body, key=lambda row: int(row[index]))
    return tuple(Label(_cell(row, english), _cell(row, chinese), _cell(row, key)) for row in body)


def _from_json(found: object) -> tuple[Label, ...]:
    if isinstance(found, dict):
        by_number = found.get("id2label", found)
        return tuple(Label(str(by_number[number])) for number in sorted(by_number, key=int))
    if isinstance(found, list):
        return tuple(Label(str(name)) for name in found)
    raise ValueError("neither a list nor a table")


def _column(header: list[str], names: tuple[str, ...]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _cell(row: list[str], column: int | None) -> str:
    return row[column].strip() if column is not None and column < len(row) else ""
