"""Likely pairs as groups for a person: who belongs together, what differs, which one to keep and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from media_assistant.items.duplicates import Agreement, Group, LikelyPair, Member
from media_assistant.items.item import DateSource, Item
from media_assistant.items.kind import Kind
from media_assistant.items.sentence import Sentence
from media_assistant.library.library import Library

Pair = tuple[int, int]

_LINKED = 0.5
"""Share of a group's members that a newcomer must be like, unless it is like the one in the middle."""
_ONE_SESSION_S, _ZONE_S = 24 * 3600, 15 * 60
_LONGER, _LARGER, _RICHER = 1.02, 1.08, 1.25
"""Ratios from which a length, a picture, or a bit rate is another one."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What speaks for and against an item of a group."""

    item: Item
    was_kept: bool
    flaws: frozenset[str]
    """`cropped`, `marked`, `borders`."""


def read_groups(library: Library) -> list[Group]:
    """All groups on which nobody decided, the surest first; then single files that lie at several places."""
    pairs = library.likely_pairs()
    words = library.pair_words()
    items = {item.id: item for item in library.items({item_id for pair in pairs for item_id in _ids(pair)})}
    known = {_ids(pair): pair for pair in pairs if pair.first_id in items and pair.second_id in items}
    shots = {pair for pair in known if _are_two_shots(*(items[item_id] for item_id in pair))}
    different = {pair for pair, word in words.items() if word == "different"} | shots
    kept = {pair[word == "second"] for pair, word in words.items() if word != "different"}
    groups = [
        _group([items[item_id] for item_id in members], known, kept)
        for members in join((each for pair, each in known.items() if pair not in shots), different)
    ]
    groups.sort(key=lambda group: (-group.sureness, group.item_ids))
    copied = library.items(library.copied_items())
    return groups + [Group((Member(item),), 1.0, is_exact=True) for item in copied]


def _are_two_shots(one: Item, other: Item) -> bool:
    """Whether a camera says of both photos when it took them, and not at one time: of a camera on a tripod they may be as
    like as copies. Whole quarters of an hour are a clock that was set, and what is days apart was edited.
    """
    first, second = one.facts.captured, other.facts.captured
    if one.kind is not Kind.PHOTO or first is None or second is None:
        return False
    if not first.source is second.source is DateSource.EXIF:
        return False
    seconds = abs((datetime.fromisoformat(first.at) - datetime.fromisoformat(second.at)).total_seconds())
    return 1 <= seconds <= _ONE_SESSION_S and seconds % _ZONE_S != 0


def join(pairs: Iterable[LikelyPair], different: Iterable[Pair] = ()) -> list[list[int]]:
    """Pairs as groups of ids. Two groups become one only if their middles are alike, or half of all that could be: one
    chain of weak links joins no hundred items. No group holds two that the person called different.
    """
    ordered = sorted(pairs, key=lambda pair: (-pair.sureness, _ids(pair)))
    linked: dict[int, set[int]] = {}
    for pair in ordered:
        linked.setdefault(pair.first_id, set()).add(pair.second_id)
        linked.setdefault(pair.second_id, set()).add(pair.first_id)
    apart: dict[int, set[int]] = {}
    for one, other in different:
        apart.setdefault(one, set()).add(other)
        apart.setdefault(other, set()).add(one)
    group_of = {item_id: [item_id] for item_id in linked}
    for pair in ordered:
        ours, theirs = group_of[pair.first_id], group_of[pair.second_id]
        if ours is theirs or any(apart.get(each, set()) & set(theirs) for each in ours):
            continue
        links = sum(len(linked[each] & set(theirs)) for each in ours)
        if links >= _LINKED * len(ours) * len(theirs) or _middle(theirs, linked) in linked[_middle(ours, linked)]:
            larger, smaller = (ours, theirs) if len(ours) >= len(theirs) else (theirs, ours)
            larger += smaller
            for each in smaller:
                group_of[each] = larger
    unique = {id(group): group for group in group_of.values() if len(group) > 1}
    return [sorted(group) for group in unique.values()]


def _middle(group: Sequence[int], linked: Mapping[int, set[int]]) -> int:
    """The one that most others are like."""
    among = set(group)
    return max(group, key=lambda each: (len(linked[each] & among), -each))


def _ids(pair: LikelyPair) -> Pair:
    return pair.first_id, pair.second_id


def _group(items: Sequence[Item], pairs: Mapping[Pair, LikelyPair], kept: set[int]) -> Group:
    inner = [
        pair
        for number, one in enumerate(items)
        for other in items[number + 1 :]
        if (pair := pairs.get((min(one.id, other.id), max(one.id, other.id)))) is not None
    ]
    flaws: dict[int, set[str]] = {item.id: set() for item in items}
    found = {"cropped": _most(inner, "part"), "borders": _most(inner, "borders"), "marked": _marked(inner)}
    for flaw, item_ids in found.items():
        for item_id in item_ids:
            flaws[item_id].add(flaw)
    known = [_Known(item, item.id in kept, frozenset(flaws[item.id])) for item in items]
    known.sort(key=_worth, reverse=True)
    best = known[0]
    members = [Member(best.item, tuple(_why(best, known[1:])))]
    for each in known[1:]:
        pair = pairs.get((min(each.item.id, best.item.id), max(each.item.id, best.item.id)))
        members.append(Member(each.item, tuple(_differences(each, best, pair.agreement if pair else None))))
    to_best = [pair.sureness for pair in inner if best.item.id in _ids(pair)] or [pair.sureness for pair in inner]
    return Group(tuple(members), round(min(to_best), 3))


def _most(pairs: Sequence[LikelyPair], name: str) -> set[int]:
    """Those of which most of their pairs say that they are the one that the agreement names."""
    seen: dict[int, list[bool]] = {}
    for pair in pairs:
        which = getattr(pair.agreement, name)
        seen.setdefault(pair.first_id, []).append(which == "first")
        seen.setdefault(pair.second_id, []).append(which == "second")
    return {item_id for item_id, said in seen.items() if sum(said) > len(said) / 2}


def _marked(pairs: Sequence[LikelyPair]) -> set[int]:
    """Those that have something burnt in: of two it is a guess, of more the one that differs there from most others."""
    if len(pairs) == 1:
        pair = pairs[0]
        guess = {"first": pair.first_id, "second": pair.second_id}
        return {guess[pair.agreement.marked]} if pair.agreement.marked else set()
    seen: dict[int, list[bool]] = {}
    for pair in pairs:
        for item_id in _ids(pair):
            seen.setdefault(item_id, []).append(bool(pair.agreement.beside))
    return {item_id for item_id, marks in seen.items() if sum(marks) > len(marks) / 2}


def _pixels(item: Item) -> int:
    return item.facts.width * item.facts.height


def _rate(item: Item) -> float:
    """Bits per second, of a photo bits in all."""
    return 8000 * item.size_bytes / item.facts.duration_ms if item.facts.duration_ms else 8.0 * item.size_bytes


def _worth(known: _Known) -> tuple[object, ...]:
    """The higher the better: what the person said, what is there, what is whole, then how good it is."""
    item = known.item
    return (
        known.was_kept,
        not item.is_missing,
        "cropped" not in known.flaws,
        "marked" not in known.flaws,
        "borders" not in known.flaws,
        round(item.facts.duration_ms / 1000 / 1.5),
        round(_pixels(item) ** 0.5 / 16),
        _is_lossless(item),
        _rate(item),
        -item.id,
    )


def _is_lossless(item: Item) -> bool:
    endings = (".flac", ".wav", ".aiff", ".png", ".tif", ".tiff", ".bmp", ".alac", ".dng", ".cr2", ".nef")
    return item.path.lower().endswith(endings)


def _why(best: _Known, others: Sequence[_Known]) -> Iterable[Sentence]:
    """Why this one is to be kept: what it has before at least one of the others."""
    item = best.item
    if best.was_kept:
        yield Sentence("duplicates.kept_before")
    if not item.is_missing and any(each.item.is_missing for each in others):
        yield Sentence("duplicates.is_there")
    if "cropped" not in best.flaws and any("cropped" in each.flaws for each in others):
        yield Sentence("duplicates.uncropped")
    if "marked" not in best.flaws and any("marked" in each.flaws for each in others):
        yield Sentence("duplicates.unmarked")
    if any(item.facts.duration_ms > _LONGER * each.item.facts.duration_ms > 0 for each in others):
        yield Sentence("duplicates.longest")
    if any(_pixels(item) > _LARGER * _pixels(each.item) > 0 for each in others):
        yield Sentence("duplicates.largest", {"width": item.facts.width, "height": item.facts.height})
    if _is_lossless(item) and not all(_is_lossless(each.item) for each in others):
        yield Sentence("duplicates.lossless")
    elif any(_rate(item) > _RICHER * _rate(each.item) for each in others):
        yield Sentence("duplicates.heaviest" if item.kind is Kind.PHOTO else "duplicates.richest")


def _differences(each: _Known, best: _Known, agreement: Agreement | None) -> Iterable[Sentence]:
    """What tells it from the one that is kept."""
    item, kept = each.item, best.item
    if item.is_missing:
        yield Sentence("duplicates.missing")
    if agreement is not None and agreement.is_mirrored:
        yield Sentence("duplicates.mirrored")
    for flaw in ("cropped", "borders"):
        if flaw in each.flaws and flaw not in best.flaws:
            yield Sentence(f"duplicates.{flaw}")
    if "marked" in each.flaws and "marked" not in best.flaws:
        is_logo = agreement is not None and agreement.beside == "corner"
        yield Sentence("duplicates.logo" if is_logo else "duplicates.caption")
    short, long = sorted((item.facts.duration_ms, kept.facts.duration_ms))
    if long > _LONGER * short > 0 and long - short > 700:
        code = "duplicates.shorter" if item.facts.duration_ms < kept.facts.duration_ms else "duplicates.longer"
        yield Sentence(code, {"seconds": round((long - short) / 1000, 1)})
    if _pixels(item) and max(_pixels(item), _pixels(kept)) > _LARGER * min(_pixels(item), _pixels(kept)):
        yield Sentence("duplicates.size", {"width": item.facts.width, "height": item.facts.height})
    ours, theirs = (PurePath(one.path).suffix.lstrip(".").upper() for one in (item, kept))
    if ours != theirs:
        yield Sentence("duplicates.format", {"format": ours or "–"})
    rate, kept_rate = _rate(item), _rate(kept)
    if kept_rate > _RICHER * rate or rate > _RICHER * kept_rate:
        if item.kind is Kind.PHOTO:
            yield Sentence("duplicates.bytes", {"percent": round(100 * rate / kept_rate)})
        else:
            yield Sentence("duplicates.bit_rate", {"kbps": round(rate / 1000)})
