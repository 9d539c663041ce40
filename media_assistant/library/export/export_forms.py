"""How the values of a library are written as JSON in an open export, and read back."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from media_assistant.items.findings import span_from_plain
from media_assistant.items.item import facts_from_plain
from media_assistant.items.sorting import sort_key
from media_assistant.library.item_store import as_text
from media_assistant.library.moment_store import WITHOUT_VECTORS
from media_assistant.library.span_columns import span_from_columns

Plain = dict[str, Any]

NEEDED = object()
"""The default of a column that every line has."""

_MOST = 2**63


@dataclass(frozen=True, slots=True)
class Form:
    """How a value is written. `read` gives the column's value back, and raises ValueError for what cannot be one."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table as a field of a line. A field that has the `default` is left out."""

    name: str
    form: Form
    key: str = ""
    default: Any = NEEDED
    sql: str = ""
    """What is read in the column's place, where the export says something else."""
    is_own: bool = True
    """Whether the table has it; else `follows` makes something of what is read."""

    @property
    def field(self) -> str:
        """Its name in a line."""
        return self.key or self.name


@dataclass(frozen=True, slots=True)
class Record:
    """Lines of one `type`. `follows` are columns that are made from the others when a line is read."""

    type: str
    table: str
    columns: tuple[Column, ...]
    order: str
    where: str = ""
    has_span: bool = False
    follows: Callable[[Plain], Plain] | None = None
    fixed: tuple[str, ...] = ()
    """Columns that `where` settles."""


def to_json(value: object, *, is_strict: bool = False) -> str:
    """As text for people; escaped where it holds half a character, which no file can. `is_strict`: raises ValueError for a
    number without an end, which no reader of JSON but Python's takes.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=not is_strict)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value)
    return text


# Forms


def _same(value: Any) -> Any:
    return value


def _read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")
    return as_text(value)


def _read_number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not -_MOST <= value < _MOST:
        raise ValueError("not a whole number")
    return value


def _read_share(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError("not a number")
    if not -_MOST <= value < _MOST:  # nor infinity, which JSON can write as 1e999
        raise ValueError("not a number of this world")
    return float(value)


def _read_flag(value: Any) -> int:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return int(value)


def _write_path(value: bytes) -> str | Plain:
    try:
        return bytes(value).decode()
    except UnicodeDecodeError:
        return {"bytes": bytes(value).hex()}


def _read_path(value: Any) -> bytes:
    if isinstance(value, dict) and isinstance(value.get("bytes"), str):
        stored = bytes.fromhex(value["bytes"])
    else:
        stored = _read_text(value).encode()
    if not stored or b"\0" in stored:
        raise ValueError("not a path")
    return stored


def _read_bytes(value: Any) -> bytes:
    return bytes.fromhex(_read_text(value))


def _json_form(check: Callable[[Any], object], schema: Mapping[str, Any]) -> Form:
    def read(value: Any) -> str:
        try:
            check(value)
        except (TypeError, AttributeError, LookupError, ArithmeticError, RecursionError) as fault:
            raise ValueError(f"not as the schema says: {fault}") from fault
        return to_json(value, is_strict=True)

    return Form(lambda text: json.loads(text, parse_constant=_nothing) if text else None, read, schema)


def _nothing(_name: str) -> None:
    """In place of a number without an end, which no other reader of JSON takes."""


def _check_texts(value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError("not a list of texts")


def _check_words(value: Any) -> None:
    for start_ms, end_ms, text, probability in value:
        _read_number(start_ms), _read_number(end_ms), _read_text(text), _read_share(probability)


def _check_box(value: Any) -> None:
    left, top, width, height = value
    for each in (left, top, width, height):
        _read_share(each)


def _check_maker(value: Any) -> None:
    analyser, model, revision = value
    for each in (analyser, model, revision):
        _read_text(each)


def _check_sentence(value: Any) -> None:
    """A code with its parameters, as `Sentence.to_json` writes it."""
    _read_text(value["code"])
    if not all(isinstance(each, str | int | float) for each in value.values()):
        raise ValueError("not a sentence")


_NEEDED = {
    "remove": ("item", "at"),
    "restore": ("item", "at", "jobs"),
    "bring_in": ("items", "at", "jobs"),
    "take_out": ("items", "at"),
    "decide": ("item", "concept", "state"),
    "rate": ("item", "stars"),
    "say_of_pair": ("items", "word"),
    "say_of_liking": ("item", "word", "until", "at"),
    "say_of_tag": ("concept", "words"),
    "teach": ("concept", "word"),
    "collection": ("collection", "row", "places"),
    "files": ("item", "places", "content", "fresh"),
    "refuse_group": ("group", "is_refused", "name"),
}
"""Without which an edit cannot be carried out."""


def _check_edit(value: Any) -> None:
    """What every edit is about; the rest is the matter of who carries it out."""
    if missing := [name for name in _NEEDED.get(_read_text(value["do"]), ()) if name not in value]:
        raise ValueError(f"an edit without {', '.join(missing)}")
    for name, read in (
        ("item", _read_number),
        ("concept", _read_text),
        ("collection", _read_number),
        ("at", _read_text),
    ):
        if name in value and read(value[name]) != value[name]:
            raise ValueError(f"no text that can be kept: {name}")
    for item_id in (*value.get("items", ()), *value.get("group", ())):
        _read_number(item_id)
    if "span" in value:
        span_from_plain(value["span"])


def one_of(*values: str) -> Form:
    """One of some words."""

    def read(value: Any) -> str:
        if value not in values:
            raise ValueError(f"not one of {', '.join(values)}")
        return str(value)

    return Form(_same, read, {"enum": list(values)})


TEXT = Form(_same, _read_text, {"type": "string"})
NUMBER = Form(_same, _read_number, {"type": "integer"})
SHARE = Form(lambda value: value if isfinite(value) else 0.0, _read_share, {"type": "number"})
FLAG = Form(bool, _read_flag, {"type": "boolean"})
PATH = Form(
    _write_path,
    _read_path,
    {
        "oneOf": [
            {"type": "string"},
            {"type": "object", "required": ["bytes"], "properties": {"bytes": {"type": "string"}}},
        ]
    },
)
BYTES = Form(lambda value: bytes(value).hex(), _read_bytes, {"type": "string", "pattern": "^([0-9a-f]{2})*$"})
TEXTS = _json_form(_check_texts, {"type": "array", "items": {"type": "string"}})
WORDS = _json_form(_check_words, {"type": "array", "items": {"type": "array"}})
BOX = _json_form(_check_box, {"type": "array", "items": {"type": "number"}})
MAKER = _json_form(_check_maker, {"type": "array", "items": {"type": "string"}})
FACTS = _json_form(facts_from_plain, {"type": "object"})
VALUE = _json_form(_same, {})
SENTENCE = _json_form(_check_sentence, {"type": "object", "required": ["code"]})
EDIT = _json_form(_check_edit, {"type": "object", "required": ["do"]})
KINDS = one_of("video", "music", "text", "photo")
SENSES = one_of("seen", "said", "heard", "written")

SPAN_COLUMNS = ("span_kind", "span_a", "span_b", "span_c")
SPAN_FIELDS = ("start_ms", "end_ms", "page", "from", "to")


def write_span(kind: int, a: int, b: int, c: int) -> Plain:
    """`start_ms`, `end_ms` or `page`, `from`, `to`; nothing for a whole."""
    return {"start_ms": a, "end_ms": b} if kind == 1 else {"page": a, "from": b, "to": c} if kind == 2 else {}


def read_span(plain: Plain) -> tuple[int, int, int, int]:
    """The inverse of `write_span`. Raises ValueError also for one that ends before it begins."""
    columns = (0, 0, 0, 0)
    if "start_ms" in plain:
        columns = (1, _read_number(plain["start_ms"]), _read_number(plain.get("end_ms")), 0)
    elif "page" in plain:
        page, start, end = (_read_number(plain.get(name)) for name in ("page", "from", "to"))
        columns = (2, page, start, end)
    span_from_columns(*columns)
    return columns


def follows_of_run(row: Plain) -> Plain:
    """Of an analysis of which only the vectors are missing, only those are to be made again."""
    return {"is_stale": WITHOUT_VECTORS if row["lacks_vectors"] else row["is_stale"]}


def follows_of_item(row: Plain) -> Plain:
    """The columns of an item that follow from its title and facts."""
    facts = facts_from_plain(json.loads(row["facts"]))
    return {
        "sort_name": as_text(sort_key(row["title"])),
        "duration_ms": facts.duration_ms,
        "captured_at": facts.captured.at if facts.captured else "",
    }


def shown_path(row: Plain) -> Plain:
    """The path as people see it."""
    return {"shown": as_text(os.fsdecode(row["path"]))}
