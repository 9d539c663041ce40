"""The language of the search box, parsed to a small tree.

    beach dog             words, in any language; all of them count
    "high tide" 「涨潮」   words in a row
    -cat -tag:dog         not this
    kind:video tag:dog said:"high tide" since:2024-05 longer:10m in:Holidays collection:"By the sea"

Field names work in English and Chinese, with `:` or `：`. An unknown field is plain words. Parsing never fails: what
cannot be understood is left out and reported as a `Fault` that points at its characters, for a person is still typing.

To add a field: a node below, a line in `_FIELDS`, and a reader in `_READERS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from media_assistant.items.kind import Kind
from media_assistant.items.moment import Sense
from media_assistant.items.sentence import Sentence

LONGEST_QUERY = 2_000
"""Characters; the rest of a longer text is left out with a fault. Nobody means more, and a scan must stay quick."""


@dataclass(frozen=True, slots=True)
class Words:
    """Plain words, next to each other in the query."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in this very order."""

    text: str


@dataclass(frozen=True, slots=True)
class InSense:
    """Words or a phrase that must be seen, said, heard or written."""

    sense: Sense
    text: str
    is_phrase: bool


@dataclass(frozen=True, slots=True)
class KindIs:
    """One of these kinds of file."""

    kinds: frozenset[Kind]


@dataclass(frozen=True, slots=True)
class HasTag:
    """A tag by one of its names, its children included; refused ones do not count."""

    name: str


@dataclass(frozen=True, slots=True)
class InFolder:
    """A folder's name anywhere in the path, a stretch of the path, or a whole path from its start."""

    folder: str


@dataclass(frozen=True, slots=True)
class InCollection:
    """A collection or a saved search by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Captured:
    """Made on or after `since`, and before `before`, days as ISO 8601; empty for no bound."""

    since: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Lasts:
    """Longer than `longer_ms` and shorter than `shorter_ms`; None for no bound."""

    longer_ms: int | None = None
    shorter_ms: int | None = None


Term = Words | Phrase | InSense | KindIs | HasTag | InFolder | InCollection | Captured | Lasts


@dataclass(frozen=True, slots=True)
class Not:
    """What an item must not have."""

    term: Term


Node = Term | Not


@dataclass(frozen=True, slots=True)
class Fault:
    """A stretch `[start, end)` of the query's text that could not be understood, and why."""

    start: int
    end: int
    says: Sentence


@dataclass(frozen=True, slots=True)
class Query:
    """All of `nodes` hold together."""

    nodes: tuple[Node, ...] = ()
    faults: tuple[Fault, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.nodes)


_FIELDS = {
    "kind": ("kind", "type", "类型", "種類", "种类"),
    "tag": ("tag", "with", "标签", "標籤", "有", "含"),
    "seen": ("seen", "看", "看见", "画面", "畫面"),
    "said": ("said", "说", "說", "话语", "話語"),
    "heard": ("heard", "听", "聽", "听见", "声音", "聲音"),
    "written": ("written", "写", "寫", "文字"),
    "since": ("since", "after", "从", "從", "自", "始于"),
    "before": ("before", "until", "之前", "早于", "早於"),
    "longer": ("longer", "长于", "長於"),
    "shorter": ("shorter", "短于", "短於"),
    "in": ("in", "folder", "在", "文件夹", "資料夾"),
    "collection": ("collection", "playlist", "合集", "收藏集", "播放列表", "合輯"),
}
_FIELD_OF = {name: field for field, names in _FIELDS.items() for name in names}
FIELD_NAMES: dict[str, tuple[str, ...]] = _FIELDS
"""Each field with all its names, the English one first: for completion in the box."""

_KINDS = {
    Kind.VIDEO: ("video", "videos", "film", "视频", "視頻", "影片"),
    Kind.MUSIC: ("music", "audio", "sound", "song", "音频", "音頻", "音乐", "音樂"),
    Kind.TEXT: ("text", "texts", "document", "文本", "文档", "文檔", "文章"),
    Kind.PHOTO: ("photo", "photos", "picture", "image", "照片", "图片", "圖片"),
}
_KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names}

_QUOTES = {'"': '"”“＂', "“": '”"', "”": '”"', "„": '“”"', "「": "」", "『": "』", "«": "»", "＂": '＂"'}
_COLONS = ":："
_MINUS = "-－−"
_SPACE = re.compile(r"\s+")
_FIELD = re.compile(r"([^\W\d_]+)[:：]")


class _Unclear(Exception):
    """Raised by a reader with the code of the sentence that says why."""


def write_field(field: str, value: str) -> str:
    """`field:value` as `parse` reads it back, in quotes where the value needs them. A quote inside becomes another kind."""
    plain = " ".join(value.split())
    if not _SPACE.search(plain) and not any(quote in plain for quote in _QUOTES):
        return f"{field}:{plain}"
    for opening, closing in (('"', '"”“＂'), ("「", "」"), ("『", "』"), ("«", "»")):
        if not any(mark in plain for mark in closing):
            return f"{field}:{opening}{plain}{_QUOTES[opening][0]}"
    return f"{field}:" + '"' + re.sub('["”“＂]', "'", plain) + '"'


def parse(text: str, *, today: date | None = None) -> Query:
    """Read a query. `today` is what `since:yesterday` counts from; the computer's own day if None."""
    faults: list[Fault] = []
    if len(text) > LONGEST_QUERY:
        faults.append(Fault(LONGEST_QUERY, len(text), Sentence("query.too_long", {"limit": LONGEST_QUERY})))
        text = text[:LONGEST_QUERY]
    nodes: list[Node] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        start = at
        is_not = text[at] in _MINUS and at + 1 < len(text) and not text[at + 1].isspace() and text[at + 1] not in _MINUS
        if is_not:
            at += 1
        field, at = _read_field(text, at)
        value, is_phrase, at = _read_value(text, at)
        term = _make_term(
            field, value, is_phrase, Fault(start, at, Sentence()), faults, today or datetime.now().astimezone().date()
        )
        if term is not None:
            nodes.append(Not(term) if is_not else term)
    return Query(tuple(_join_words(nodes)), tuple(faults))


def _read_field(text: str, at: int) -> tuple[str, int]:
    found = _FIELD.match(text, at)
    field = _FIELD_OF.get(found.group(1).casefold(), "") if found else ""
    return (field, found.end()) if found and field else ("", at)


def _read_value(text: str, at: int) -> tuple[str, bool, int]:
    """The value at `at`, whether it is quoted, and where it ends. An open quote ends with the text."""
    if at < len(text) and text[at] in _QUOTES:
        closing = _QUOTES[text[at]]
        end = next((i for i in range(at + 1, len(text)) if text[i] in closing), len(text))
        return text[at + 1 : end], True, min(end + 1, len(text))
    space = _SPACE.search(text, at)
    end = space.start() if space else len(text)
    # A quote in the middle of a word opens a phrase, as in 说“涨潮”; one that is never closed is a mark (5" disk).
    for i in range(at + 1, end):
        if text[i] in "“「『«" and any(text.rfind(mark) > i for mark in _QUOTES[text[i]]):
            return text[at:i], False, i
    return text[at:end], False, end


def _make_term(field: str, value: str, is_phrase: bool, where: Fault, faults: list[Fault], today: date) -> Term | None:
    value = value.strip()
    if not field:
        return None if not value else Phrase(value) if is_phrase else Words(value)
    if not value:
        faults.append(
            Fault(where.start, where.end, Sentence("query.empty_field", {"at": where.start + 1, "field": field}))
        )
        return None
    if field in _SENSES:
        return InSense(_SENSES[field], value, is_phrase)
    try:
        return _READERS[field](value, today)
    except _Unclear as unclear:
        says = Sentence(f"query.{unclear.args[0]}", {"at": where.start + 1, "value": value[:60]})
        faults.append(Fault(where.start, where.end, says))
        return None


def _join_words(nodes: list[Node]) -> list[Node]:
    """Plain words stand together as one term in front, in their order: `dog kind:video beach` asks for `dog beach`."""
    words = [node.text for node in nodes if isinstance(node, Words)]
    rest: list[Node] = [node for node in nodes if not isinstance(node, Words)]
    return [Words(" ".join(words)), *rest] if words else rest


_SENSES = {sense.value: sense for sense in Sense}


def _read_kind(value: str, _today: date) -> KindIs:
    kinds = {_KIND_OF.get(name.casefold()) for name in re.split(r"[,，、|]", value) if name}
    if not kinds or None in kinds:
        raise _Unclear("unknown_kind")
    return KindIs(frozenset(kind for kind in kinds if kind))


def _read_tag(value: str, _today: date) -> HasTag:
    return HasTag(value)


def _read_folder(value: str, _today: date) -> InFolder:
    return InFolder(value)


def _read_collection(value: str, _today: date) -> InCollection:
    return InCollection(value)


_WORDS_FOR_DAYS = {
    "today": 0, "今天": 0, "yesterday": 1, "昨天": 1, "week": 7, "一周": 7, "month": 30, "一月": 30, "year": 365, "一年": 365,
}  # fmt: skip
_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月?)|年)?")


def _read_day(value: str, today: date) -> date:
    days = _WORDS_FOR_DAYS.get(value.casefold())
    if days is not None:
        return today - timedelta(days=days)
    found = _DATE.fullmatch(value)
    if not found:
        raise _Unclear("unclear_date")
    year, month, day = (int(part) if part else 1 for part in found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        raise _Unclear("no_such_date") from None


def _read_since(value: str, today: date) -> Captured:
    return Captured(since=_read_day(value, today).isoformat())


def _read_before(value: str, today: date) -> Captured:
    return Captured(before=_read_day(value, today).isoformat())


_UNITS_MS = {
    "ms": 1, "毫秒": 1, "s": 1000, "sec": 1000, "second": 1000, "seconds": 1000, "秒": 1000, "秒钟": 1000,
    "": 60_000, "m": 60_000, "min": 60_000, "minute": 60_000, "minutes": 60_000, "分": 60_000, "分钟": 60_000,
    "h": 3_600_000, "hour": 3_600_000, "hours": 3_600_000, "时": 3_600_000, "小时": 3_600_000,
}  # fmt: skip
_PART = re.compile(r"(\d+(?:\.\d+)?)([^\W\d_]*)")


def _read_duration_ms(value: str) -> int:
    """`90s`, `10m`, `1h30m`, `2:30` (minutes and seconds), `1:02:03`, `10分钟`; a bare number is minutes."""
    value = value.casefold().replace(" ", "").replace("：", ":")
    if re.fullmatch(r"\d+(:\d{1,2}){1,2}", value):
        seconds = 0
        for part in value.split(":"):
            seconds = seconds * 60 + int(part)
        return seconds * 1000
    parts = _PART.findall(value)
    if not parts or "".join(number + unit for number, unit in parts) != value:
        raise _Unclear("unclear_duration")
    if any(unit not in _UNITS_MS for _, unit in parts) or len(value) > 20:
        raise _Unclear("unclear_duration")
    return round(sum(float(number) * _UNITS_MS[unit] for number, unit in parts))


def _read_longer(value: str, _today: date) -> Lasts:
    return Lasts(longer_ms=_read_duration_ms(value))


def _read_shorter(value: str, _today: date) -> Lasts:
    return Lasts(shorter_ms=_read_duration_ms(value))


_READERS: dict[str, Callable[[str, date], Term]] = {
    "kind": _read_kind,
    "tag": _read_tag,
    "in": _read_folder,
    "collection": _read_collection,
    "since": _read_since,
    "before": _read_before,
    "longer": _read_longer,
    "shorter": _read_shorter,
}
