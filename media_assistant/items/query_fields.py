"""The fields of the search box's language: their names in both languages, and how their values are read.

To add a field: a node in `query_tree`, a line in `_FIELDS`, a reader in `READERS`, a writer in `query_writing`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from media_assistant.items.kind import Kind
from media_assistant.items.moment import Sense
from media_assistant.items.query_tree import (
    ByArtist,
    Captured,
    Has,
    HasTag,
    InCollection,
    InFolder,
    InGroup,
    Is,
    KindIs,
    Lasts,
    Like,
    Node,
    Not,
    OnAlbum,
    Rated,
)

FIELD_NAMES: dict[str, tuple[str, ...]] = {
    "kind": ("kind", "type", "类型", "種類", "种类"),
    "tag": ("tag", "with", "标签", "標籤", "有", "含"),
    "seen": ("seen", "看", "看见", "画面", "畫面"),
    "said": ("said", "说", "說", "话语", "話語"),
    "heard": ("heard", "听", "聽", "听见", "声音", "聲音"),
    "written": ("written", "写", "寫", "文字"),
    "since": ("since", "从", "從", "自", "始于"),
    "after": ("after", "晚于", "晚於"),
    "before": ("before", "之前", "早于", "早於"),
    "until": ("until", "截至", "直到"),
    "longer": ("longer", "长于", "長於"),
    "shorter": ("shorter", "短于", "短於"),
    "in": ("in", "folder", "在", "文件夹", "資料夾"),
    "collection": ("collection", "playlist", "合集", "收藏集", "播放列表", "合輯"),
    "group": ("group", "分组", "分組"),
    "album": ("album", "专辑", "專輯"),
    "artist": ("artist", "by", "艺人", "藝人", "歌手", "作者"),
    "rated": ("rated", "rating", "stars", "评分", "評分", "星级", "星級"),
    "has": ("has", "具有", "带", "帶"),
    "missing": ("missing", "without", "缺", "缺少", "没有", "沒有"),
    "is": ("is", "是", "状态", "狀態"),
    "like": ("like", "similar", "像", "相似", "类似", "類似"),
}
"""Each field with all its names, the English one first, the one shown in Chinese as the first Chinese one."""
FIELD_OF = {name: field for field, names in FIELD_NAMES.items() for name in names}

KINDS = {
    Kind.VIDEO: ("video", "videos", "film", "视频", "視頻", "影片"),
    Kind.MUSIC: ("music", "audio", "sound", "song", "音频", "音頻", "音乐", "音樂"),
    Kind.TEXT: ("text", "texts", "document", "文本", "文档", "文檔", "文章"),
    Kind.PHOTO: ("photo", "photos", "picture", "image", "照片", "图片", "圖片"),
}
_KIND_OF = {name: kind for kind, names in KINDS.items() for name in names}

HAS = {
    "transcript": ("transcript", "speech", "文稿", "字稿", "讲话"),
    "text": ("text", "writing", "文字"),
    "subtitles": ("subtitles", "subtitle", "captions", "lyrics", "字幕", "歌词", "歌詞"),
    "place": ("place", "gps", "location", "地点", "地點", "位置"),
    "date": ("date", "day", "日期"),
    "tag": ("tag", "tags", "标签", "標籤"),
    "artist": ("artist", "艺人", "藝人", "歌手"),
    "album": ("album", "专辑", "專輯"),
    "chapters": ("chapters", "chapter", "章节", "章節"),
    "marks": ("marks", "mark", "标记", "標記"),
    "rating": ("rating", "stars", "评分", "評分", "星级"),
    "copies": ("copies", "copy", "副本"),
}
"""What `has:` and `missing:` may ask for: nothing but what the library really knows."""
_HAS_OF = {name: what for what, names in HAS.items() for name in names}

IS = {
    "missing": ("missing", "lost", "缺失", "丢失", "遺失"),
    "offline": ("offline", "away", "离线", "離線"),
    "duplicate": ("duplicate", "duplicates", "重复", "重複"),
    "failed": ("failed", "失败", "失敗"),
    "waiting": ("waiting", "pending", "等待", "待分析"),
    "begun": ("begun", "started", "看过一半", "没看完"),
}
"""What `is:` may ask for."""
_IS_OF = {name: what for what, names in IS.items() for name in names}

NAMES = frozenset(("tag", "in", "collection", "group", "album", "artist", "like"))
"""Fields whose value is a name that somebody gave: it is looked for as it stands, with marks that nobody sees."""

SENSES = {sense.value: sense for sense in Sense}


class Unclear(Exception):
    """Raised by a reader with the code of the sentence that says why."""


def _read_kind(value: str, _today: date) -> KindIs:
    kinds = {_KIND_OF.get(name.strip().casefold()) for name in re.split(r"[,，、|]", value) if name.strip()}
    if not kinds or None in kinds:
        raise Unclear("unknown_kind")
    return KindIs(frozenset(kind for kind in kinds if kind))


WORDS_FOR_DAYS = {
    "today": 0, "今天": 0, "yesterday": 1, "昨天": 1, "week": 7, "一周": 7, "month": 30, "一月": 30, "year": 365, "一年": 365,
}  # fmt: skip
_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月?)|年)?")


def _read_period(value: str, today: date) -> tuple[date, date]:
    """The first day of the year, the month or the day that is named, and the first day behind it. Raises Unclear."""
    days = WORDS_FOR_DAYS.get(value.casefold())
    if days is not None:
        return today - timedelta(days), today - timedelta(days - 1)
    found = _DATE.fullmatch(value)
    if not found:
        raise Unclear("unclear_date")
    year, month, day = (int(part) if part else None for part in found.groups(""))
    try:
        first = date(year or 0, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        raise Unclear("no_such_date") from None
    try:
        if day is not None:
            return first, first + timedelta(1)
        return first, date(first.year + first.month // 12, first.month % 12 + 1, 1) if month else date(
            first.year + 1, 1, 1
        )
    except (ValueError, OverflowError):
        return first, date.max  # the calendar ends there


def _read_since(value: str, today: date) -> Captured:
    return Captured(since=_read_period(value, today)[0].isoformat())


def _read_after(value: str, today: date) -> Captured:
    return Captured(since=_read_period(value, today)[1].isoformat())


def _read_before(value: str, today: date) -> Captured:
    return Captured(before=_read_period(value, today)[0].isoformat())


def _read_until(value: str, today: date) -> Captured:
    return Captured(before=_read_period(value, today)[1].isoformat())


UNITS_MS = {
    "ms": 1, "毫秒": 1, "s": 1000, "sec": 1000, "secs": 1000, "second": 1000, "seconds": 1000, "秒": 1000, "秒钟": 1000,
    "秒鐘": 1000, "m": 60_000, "min": 60_000, "mins": 60_000, "minute": 60_000, "minutes": 60_000, "分": 60_000,
    "分钟": 60_000, "分鐘": 60_000, "h": 3_600_000, "hour": 3_600_000, "hours": 3_600_000, "时": 3_600_000,
    "小时": 3_600_000, "小時": 3_600_000,
}  # fmt: skip
_PART = re.compile(r"(\d+(?:\.\d+)?)([^\W\d_]*)")


_DIGITS_ZH = {**{digit: number for number, digit in enumerate("零一二三四五六七八九")}, "两": 2, "兩": 2}
_UNITS_ZH = "|".join(sorted((unit for unit in UNITS_MS if not unit.isascii()), key=len, reverse=True))
_NUMBER_ZH = f"(?:半|[{''.join(_DIGITS_ZH)}十百]+)个?"
DURATION_ZH = f"(?:{_NUMBER_ZH}(?:{_UNITS_ZH}))+"
"""A length as it is said: 十秒, 一百二十分钟, 半小时."""
_NUMBER_OF_UNITS_ZH = re.compile(f"{_NUMBER_ZH}(?={_UNITS_ZH})")


def _in_digits(found: re.Match[str]) -> str:
    number, last = 0, 0
    for letter in found.group().removesuffix("个"):
        match letter:
            case "半":
                return "0.5"
            case "十" | "百":
                number, last = number + (last or 1) * (10 if letter == "十" else 100), 0
            case _:
                last = _DIGITS_ZH[letter]
    return str(number + last)


def read_duration_ms(value: str, bare_ms: int = 60_000) -> int:
    """`90s`, `10m`, `1h30m`, `2:30` (minutes and seconds), `1:02:03`, `10分钟`, `十秒`; a bare number counts in `bare_ms`.

    Raises Unclear.
    """
    value = _NUMBER_OF_UNITS_ZH.sub(_in_digits, value.casefold().replace(" ", "").replace("：", ":"))
    if len(value) > 20:
        raise Unclear("unclear_duration")
    if re.fullmatch(r"\d+(:\d{1,2}){1,2}", value):
        seconds = 0
        for part in value.split(":"):
            seconds = seconds * 60 + int(part)
        return min(seconds * 1000, _LONGEST_MS)
    parts = _PART.findall(value)
    if not parts or "".join(number + unit for number, unit in parts) != value:
        raise Unclear("unclear_duration")
    if any(unit and unit not in UNITS_MS for _, unit in parts):
        raise Unclear("unclear_duration")
    return min(round(sum(float(number) * (UNITS_MS[unit] if unit else bare_ms) for number, unit in parts)), _LONGEST_MS)


_LONGEST_MS = 10**15
"""SQLite's integers end; so does everything that lasts."""


def _read_longer(value: str, _today: date) -> Lasts:
    return Lasts(longer_ms=read_duration_ms(value))


def _read_shorter(value: str, _today: date) -> Lasts:
    return Lasts(shorter_ms=read_duration_ms(value))


_RATING = re.compile(r"(>=|<=|[><=≥≤])?([0-5])(\+)?|([0-5])(?:\.\.|-|–|~)([0-5])")
_NO_RATING = frozenset(("none", "no", "无", "無", "没有"))


def _read_rated(value: str, _today: date) -> Rated:
    """`4`, `>=3`, `3+`, `<3` (rated, but lower), `2..4`, `★★★`; `0` or `none` for no rating."""
    plain = value.casefold().replace(" ", "").replace("＞", ">").replace("＜", "<").replace("＝", "=").rstrip("星")
    if plain and not plain.strip("★☆⭐") and 0 < plain.count("★") + plain.count("⭐") <= 5:
        stars = plain.count("★") + plain.count("⭐")
        return Rated(stars, stars)
    if plain in _NO_RATING:
        return Rated(0, 0)
    found = _RATING.fullmatch(plain)
    if not found:
        raise Unclear("unclear_rating")
    sign, number, plus, low, high = found.groups()
    if low:
        least, most = sorted((int(low), int(high)))
        return Rated(least, most)
    stars = int(number)
    match sign or ("≥" if plus else "="):
        case ">=" | "≥":
            least, most = stars, 5
        case "<=" | "≤":
            least, most = min(1, stars), stars
        case ">":
            least, most = stars + 1, 5
        case "<":
            least, most = 1, stars - 1
        case _:
            least, most = stars, stars
    if least > most or (plus and sign):
        raise Unclear("unclear_rating")
    return Rated(least, most)


def _read_has(value: str, _today: date) -> Has:
    what = _HAS_OF.get(value.casefold())
    if what is None:
        raise Unclear("unknown_has")
    return Has(what)


def _read_missing(value: str, today: date) -> Not:
    return Not(_read_has(value, today))


def _read_is(value: str, _today: date) -> Is:
    what = _IS_OF.get(value.casefold())
    if what is None:
        raise Unclear("unknown_is")
    return Is(what)


READERS: dict[str, Callable[[str, date], Node]] = {
    "kind": _read_kind,
    "tag": lambda value, _today: HasTag(value),
    "in": lambda value, _today: InFolder(value),
    "collection": lambda value, _today: InCollection(value),
    "group": lambda value, _today: InGroup(value),
    "album": lambda value, _today: OnAlbum(value),
    "artist": lambda value, _today: ByArtist(value),
    "since": _read_since,
    "after": _read_after,
    "before": _read_before,
    "until": _read_until,
    "longer": _read_longer,
    "shorter": _read_shorter,
    "rated": _read_rated,
    "has": _read_has,
    "missing": _read_missing,
    "is": _read_is,
    "like": lambda value, _today: Like(value),
}
"""What each field but the four senses makes of its value; raises Unclear."""
