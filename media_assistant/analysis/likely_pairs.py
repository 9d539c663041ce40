"""Which items are the same thing in another form: fingerprints in, pairs and how they agree out.

First reasons to compare two are found (`find_reasons`), among many, then the two are compared (`compare`).

Photos by their picture. Films by their pictures at the same times, and by their sound. Music by its sound. An excerpt
counts if it is a good part of the whole; films that share an intro alone do not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis import picture_index, same_picture, same_sound, short_sounds
from media_assistant.analysis.picture_index import Box
from media_assistant.analysis.same_picture import WHOLE_BOX, Likeness
from media_assistant.analysis.same_sound import KeptWords, SoundLikeness
from media_assistant.analysis.sight_prints import SIDE, SightPrint
from media_assistant.analysis.sound_prints import HOP_MS
from media_assistant.items.duplicates import Agreement, LikelyPair
from media_assistant.items.kind import Kind

_LEAST_FIT_OF_PHOTOS = 0.88
"""As `picture_index.LEAST_FIT`, of photos, whose chance pairs grow with the square of the library and have no times that tell
them: nearly three quarters of them agree less well. Of 9,471 pairs of copies of 41 photos, groups lost none by it; from 0.9 on they do.
"""
_INDEXED = 48
"""Pictures of a film that are looked for; all of them are compared then."""
_NEAR_MS = 1_300
_ALONE = 3
"""Pictures of a film up to which one that agrees is reason enough; of more two have to, at about the same offset. Any two
films have some picture alike by chance.
"""
_FILM_SAME = 0.72
"""Agreement of frames at the same time, which may be up to half a second apart."""
_MOST_SHARE, _SOME_SHARE = 0.6, 0.4
"""Of the shorter film's pictures, alone and with the same sound."""
_CLEAR_SHARE = 0.85
"""Nothing better is looked for."""
_SOUND_SHARE, _SOUND_SHARE_OF_SHORT = 0.7, 0.55
"""Of the shorter one's sound. Of a few seconds of rain in a poor coding every third word differs too much, by chance; longer
ones of which so much differs may be a medley.
"""
_OTHER_SOUND, _HEARD_TOGETHER = 0.4, 40
"""Of the shorter film's sound, below which it is another one, where so many words (five seconds) are heard in both: songs
whose films show one cover, a film in another language. Copies of a poor coding agree by more than half.
"""
_OTHER_PICTURE = 6.0
"""Mean difference of luma from which a picture is another one: as when they were kept."""
_LEAST_LENGTH = 0.3
"""An excerpt below this share of the whole is another thing."""
_CLOSEST_OFFSETS = 4


@dataclass(slots=True)
class Prints:
    """What is compared of one item."""

    item_id: int
    kind: Kind
    duration_ms: int = 0
    sights: list[SightPrint] = field(default_factory=list)
    words: NDArray[np.uint32] = field(default_factory=lambda: np.zeros(0, np.uint32))
    changes: short_sounds.Changes = field(default_factory=lambda: short_sounds.unpack(b""))
    """Of a short sound."""


@dataclass(slots=True)
class _Hint:
    """A reason to compare two items: where in time, mirrored or not, and which part of the other may be shown."""

    offset_ms: int
    is_mirrored: bool = False
    box: Box = WHOLE_BOX
    is_turned: bool = False
    """The box is in the first one rather than in the second."""

    def reversed(self) -> _Hint:
        """Of the same two in the other order."""
        return _Hint(-self.offset_ms, self.is_mirrored, self.box, not self.is_turned)


@dataclass(frozen=True, slots=True)
class Sights:
    """Pictures of many items: `rows` of `picture_index`, whose they are and when in it they show. An owner below 0 is
    passed over.
    """

    rows: NDArray[np.uint64]
    owners: NDArray[np.int64]
    times_ms: NDArray[np.int64]

    @classmethod
    def of(cls, items: Sequence[Prints]) -> Self:
        """What of these is looked for."""
        shown = [
            (item.item_id, seen) for item in items for seen in item.sights[:: max(1, len(item.sights) // _INDEXED)]
        ]
        pictures = np.array([seen.picture for _, seen in shown], np.uint8).reshape(-1, SIDE, SIDE)
        told = np.flatnonzero(picture_index.is_told(pictures))
        return cls(
            picture_index.rows_of(pictures[told]),
            np.array([shown[at][0] for at in told], np.int64),
            np.array([shown[at][1].at_ms for at in told], np.int64),
        )


@dataclass(slots=True)
class Reasons:
    """Why two items are compared: by what they show, and at which offsets they may sound alike."""

    hints: list[_Hint] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)


def find_reasons(
    asked: Sequence[Prints], seen: Sights, sights: Sights, sounds: KeptWords, should_stop: Callable[[], bool] = bool
) -> dict[tuple[int, int], Reasons]:
    """Why to compare items of one kind, `seen` of which are their pictures, with each other and with those that are kept;
    by their ids, the lower first.
    """
    found: dict[tuple[int, int], Reasons] = {}
    is_photos = bool(asked) and asked[0].kind is Kind.PHOTO
    least_fit = _LEAST_FIT_OF_PHOTOS if is_photos else picture_index.LEAST_FIT
    likely = picture_index.find_candidates(
        seen.rows, seen.owners, sights.rows, sights.owners, should_stop, least_fit=least_fit
    )
    owners, times = (np.concatenate(each) for each in ((sights.owners, seen.owners), (sights.times_ms, seen.times_ms)))
    boxes = picture_index.parts()
    columns = (likely.one, likely.other, likely.part, likely.is_mirrored, likely.is_turned)
    for one, other, part, is_mirrored, is_turned in zip(*(each.tolist() for each in columns), strict=True):
        a, b = int(seen.owners[one]), int(owners[other])
        hint = _Hint(
            int(times[other] - seen.times_ms[one]), is_mirrored, boxes[part] if part > 1 else WHOLE_BOX, is_turned
        )
        found.setdefault((min(a, b), max(a, b)), Reasons()).hints.append(hint if a < b else hint.reversed())
    if asked and asked[0].kind is Kind.VIDEO:
        counts = dict(zip(*(each.tolist() for each in np.unique(owners, return_counts=True)), strict=True))
        found = {pair: why for pair, why in found.items() if _is_reason(why.hints, min(counts[each] for each in pair))}
    ids = np.array([each.item_id for each in asked], np.int64)
    heard = same_sound.find_candidates([each.words for each in asked], ids, sounds, should_stop)
    for (index, b), offsets in heard.items():
        a = int(ids[index])
        reasons = found.setdefault((min(a, b), max(a, b)), Reasons())
        reasons.offsets += [
            each for each in (offsets if a < b else [-o for o in offsets]) if each not in reasons.offsets
        ]
    return found


def _is_reason(hints: Sequence[_Hint], count: int) -> bool:
    """Whether to compare two films of which the shorter one has so many pictures."""
    offsets = sorted((each.is_mirrored, each.offset_ms) for each in hints)
    return count <= _ALONE or any(a[0] == b[0] and b[1] - a[1] <= _NEAR_MS for a, b in pairwise(offsets))


def compare(first: Prints, second: Prints, hints: Sequence[_Hint], offsets: Sequence[int]) -> LikelyPair | None:
    """Two items with what speaks for them."""
    if first.item_id > second.item_id:
        return compare(second, first, [each.reversed() for each in hints], [-each for each in offsets])
    sound = _hear(first, second, offsets) if offsets else None
    if first.kind is Kind.MUSIC:
        return _of_music(first, second, sound)
    if first.kind is Kind.PHOTO:
        return _of_photos(first, second, hints)
    return _of_films(first, second, hints, sound)


def _is_excerpt(first: Prints, second: Prints) -> bool:
    """Whether the shorter one is too little of the longer one."""
    shorter, longer = sorted((first.duration_ms, second.duration_ms))
    return longer > 0 and shorter < _LEAST_LENGTH * longer


def _hear(first: Prints, second: Prints, offsets: Sequence[int]) -> SoundLikeness | None:
    by_words = same_sound.compare(first.words, second.words, offsets)
    if len(first.changes) and len(second.changes):
        return short_sounds.compare(first.changes, second.changes, by_words)
    return by_words


def _of_music(first: Prints, second: Prints, sound: SoundLikeness | None) -> LikelyPair | None:
    is_short = same_sound.is_short(first.words) or same_sound.is_short(second.words)
    least = _SOUND_SHARE_OF_SHORT if is_short else _SOUND_SHARE
    if sound is None or sound.share < least or _is_excerpt(first, second):
        return None
    sureness = 0.8 + 0.2 * sound.share * (1 - 2 * sound.apart)
    agreement = Agreement(share=sound.share, offset_ms=sound.offset_ms, sound=sound.share)
    return LikelyPair(first.item_id, second.item_id, round(sureness, 3), agreement)


def _of_photos(first: Prints, second: Prints, hints: Sequence[_Hint]) -> LikelyPair | None:
    if not first.sights or not second.sights:
        return None
    best: tuple[Likeness, _Hint] | None = None
    for hint in hints:
        likeness = _look(first.sights[0], second.sights[0], hint)
        if likeness is not None and (best is None or likeness.sureness > best[0].sureness):
            best = likeness, hint
    if best is None:
        return None
    return LikelyPair(
        first.item_id, second.item_id, round(best[0].sureness, 3), _agreement(first.sights[0], second.sights[0], *best)
    )


def _look(first: SightPrint, second: SightPrint, hint: _Hint, least: float | None = None) -> Likeness | None:
    one, other = (second, first) if hint.is_turned else (first, second)
    picture = np.ascontiguousarray(one.picture[:, ::-1]) if hint.is_mirrored else one.picture
    return same_picture.compare(picture, other.picture, hint.box, least=least)


def _agreement(first: SightPrint, second: SightPrint, likeness: Likeness, hint: _Hint) -> Agreement:
    part = ""
    if likeness.is_part:
        part = "second" if hint.is_turned else "first"
    marked = ""
    if likeness.beside:
        rows = slice(SIDE - 11, SIDE) if likeness.beside == "bottom" else slice(0, SIDE)
        details = [np.abs(np.diff(each.picture[rows].astype(np.int16), axis=1)).mean() for each in (first, second)]
        marked = "first" if details[0] > details[1] else "second"
    return Agreement(
        is_mirrored=hint.is_mirrored,
        part=part,
        box=tuple(round(float(min(1.0, max(0.0, each))), 3) for each in likeness.box) if part else (),
        beside=likeness.beside,
        marked=marked,
        borders="first"
        if sum(first.borders) > sum(second.borders) + 8
        else "second"
        if sum(second.borders) > sum(first.borders) + 8
        else "",
    )


def _of_films(first: Prints, second: Prints, hints: Sequence[_Hint], sound: SoundLikeness | None) -> LikelyPair | None:
    if _is_excerpt(first, second):
        return None
    tried = _gathered(hints)
    if sound is not None and sound.share >= _SOUND_SHARE:
        shapes = tried[:2] or [_Hint(0), _Hint(0, is_mirrored=True)]
        tried = [_Hint(sound.offset_ms, h.is_mirrored, h.box, h.is_turned) for h in shapes] + tried
    best: tuple[float, int, Agreement] | None = None
    for hint in tried[: 2 * _CLOSEST_OFFSETS]:
        seen = _along(first, second, hint)
        if seen is not None and (best is None or seen[0] > best[0]):
            best = seen
        if best is not None and best[0] >= _CLEAR_SHARE:
            break
    heard = sound.share if sound is not None else 0.0
    if best is None:
        return None
    share, count, agreement = best
    is_heard = heard >= _SOUND_SHARE
    if not (share >= _MOST_SHARE and (count >= 2 or is_heard)) and not (share >= _SOME_SHARE and is_heard):
        return None
    if heard < _OTHER_SOUND and _sounds_other(first, second, agreement.offset_ms):
        return None
    sureness = min(1.0, 0.75 + 0.2 * share + 0.05 * heard)
    return LikelyPair(first.item_id, second.item_id, round(sureness, 3), agreement.with_sound(heard))


def _sounds_other(first: Prints, second: Prints, offset_ms: int) -> bool:
    """Whether both are heard where they show the same, and are not the same there. Pictures tell the offset only roughly."""
    middle, reach = round(offset_ms / HOP_MS), round(_NEAR_MS / HOP_MS)
    if same_sound.heard_in_both(first.words, second.words, middle) < _HEARD_TOGETHER:
        return False
    found = same_sound.compare(first.words, second.words, range(middle - reach, middle + reach + 1))
    return found is None or found.share < _OTHER_SOUND


def _gathered(hints: Sequence[_Hint]) -> list[_Hint]:
    """One hint for those that speak of about the same, the most spoken of first."""
    votes: dict[tuple[int, bool], list[_Hint]] = {}
    for hint in hints:
        votes.setdefault((round(hint.offset_ms / 700), hint.is_mirrored), []).append(hint)
    ranked = sorted(votes.values(), key=len, reverse=True)[: 2 * _CLOSEST_OFFSETS]
    found = []
    for group in ranked:
        middle = sorted(each.offset_ms for each in group)[len(group) // 2]
        # A part that several pictures have in common rather than the whole, if there is one.
        shape = max(group, key=lambda each: sum((e.box, e.is_turned) == (each.box, each.is_turned) for e in group))
        found.append(_Hint(middle, shape.is_mirrored, shape.box, shape.is_turned))
    return found


def _along(first: Prints, second: Prints, hint: _Hint) -> tuple[float, int, Agreement] | None:
    """The share of the shorter one's pictures that the other shows at its time, how many different ones agree, and how."""
    turned = len(first.sights) > len(second.sights)
    short, long = (second, first) if turned else (first, second)
    offset_ms = -hint.offset_ms if turned else hint.offset_ms
    times = np.array([each.at_ms for each in long.sights])
    told = 0
    found: list[tuple[SightPrint, SightPrint, Likeness]] = []
    for seen in short.sights:
        if seen.picture.std() < 4:
            continue
        at = seen.at_ms + offset_ms
        if not -_NEAR_MS <= at <= long.duration_ms + _NEAR_MS:
            told += 1
            continue
        told += 1
        near = [index for index in np.argsort(np.abs(times - at))[:3] if abs(times[index] - at) <= _NEAR_MS]
        # A picture that stands is kept once: what was kept last before still shows.
        before = np.flatnonzero(times <= at)
        near += [int(before[-1])] if len(before) and before[-1] not in near else []
        for index in near:
            one, other = (long.sights[index], seen) if turned else (seen, long.sights[index])
            likeness = _look(one, other, hint, _FILM_SAME)
            if likeness is not None:
                found.append((one, other, likeness))
                break
    if not found:
        return None
    # A camera that pans makes a part of one frame and another; of a crop it is so in most of them.
    is_part = 2 * sum(likeness.is_part for _, _, likeness in found) > len(found)
    one, other, likeness = max(
        (each for each in found if each[2].is_part == is_part), key=lambda each: each[2].sureness
    )
    agreement = _agreement(one, other, likeness, hint).along(len(found) / told, hint.offset_ms)
    return len(found) / told, _different([one for one, _, _ in found]), agreement


def _different(shown: Sequence[SightPrint]) -> int:
    """How many of them are not one of the others once more: what does not change is kept again and again."""
    kept: list[NDArray[np.int16]] = []
    for seen in shown:
        picture = seen.picture.astype(np.int16)
        if all(np.abs(picture - other).mean() > _OTHER_PICTURE for other in kept):
            kept.append(picture)
    return len(kept)
