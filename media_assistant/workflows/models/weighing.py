"""How much work an item is, in units in which a computer's speed stays the same from item to item.

The units need not be exact: what they cost is measured on items of the same library, drawn in proportion to them. They
only have to tell a long film from a short one, so that a few seconds of measuring speak for all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from media_assistant.items.advice import ANALYSERS, PARTS, Amount, Part, Work
from media_assistant.items.kind import Kind

SPEECH_WINDOW_S = 30.0
"""What a speech network hears at once, if it does not say otherwise."""
CHARACTERS_PER_WORD = 5
TOKENS_PER_THOUSAND = 260
"""Pieces that a text network reads in a thousand characters: about four characters each."""
_PICTURE_S, _PER_PIECE, _PIECE_S = 0.32, 3, 10.0
"""As `analysis/sights.py` takes pictures: three of each shot and of each ten seconds, never nearer than a third of a second."""
_MUSIC_PIECE_S, _MUSIC_SHARE = 15.0, 1 / 3
"""As `analysis/music_tags.py` listens: to the first fifteen seconds, then to a third."""
_MUSICAL, _SELDOM = 0.3, 0.05
"""As `analysis/music.py` tells music: by this share of the sound. Of the rest some is taken for music all the same."""
_SHOT_S = 6.0
_HALF = 0.5
"""Guessed where nobody has listened yet."""
_FULL_HD = 2.07 * 25
_BYTES_PER_CHARACTER = 1.1


@dataclass(frozen=True, slots=True)
class Weight:
    """Units of what an item costs by being one (`fixed`), of reading (decoding, storing) and of thinking (the network)."""

    fixed: float
    reading: float
    thinking: float

    @property
    def handling(self) -> float:
        """All but the thinking, as far as it can be guessed: one unit of `fixed` like one of reading."""
        return self.fixed + self.reading

    @property
    def size(self) -> float:
        """All of it, as far as it can be guessed."""
        return self.handling + self.thinking

    def __add__(self, other: Weight) -> Weight:
        return Weight(self.fixed + other.fixed, self.reading + other.reading, self.thinking + other.thinking)


NOTHING_TO_DO = Weight(0.0, 0.0, 0.0)


def part_of(work: Work, task: str) -> Part | None:
    """As what a task sees this item; None where it has no business with it."""
    parts = PARTS.get(task, ())
    match work.kind:
        case Kind.VIDEO:
            return next((part for part in (Part.FILM, Part.SOUND) if part in parts), None)
        case Kind.MUSIC:
            return Part.SOUND if Part.SOUND in parts else None
        case Kind.PHOTO:
            return Part.PHOTO if Part.PHOTO in parts else None
        case _:
            return Part.TEXT if Part.TEXT in parts else None


def weigh(work: Work, task: str) -> Weight:
    """The item's weight for a task."""
    length = work.duration_s
    match part_of(work, task):
        case Part.FILM:
            pixels = work.megapixels * (work.frame_rate or 25.0) / _FULL_HD
            shots = work.duration_s / _SHOT_S if work.shots is None else work.shots
            pictures = _PER_PIECE * max(shots, length / _PIECE_S)
            return Weight(1.5, length * (0.2 + pixels), max(1.0, min(pictures, length / _PICTURE_S)))
        case Part.PHOTO:
            return Weight(1.0, work.megapixels / 4, 1.0)
        case Part.SOUND if task == "speech-recognition":
            spoken = _HALF * length if work.speech_s is None else work.speech_s
            return Weight(2.0, length, 0.5 + (spoken + SPEECH_WINDOW_S / 2 if spoken > 0.2 else 0.0))
        case Part.SOUND if task == "music-tagging":
            heard = min(length, _MUSIC_PIECE_S) + max(0.0, length - _MUSIC_PIECE_S) * _MUSIC_SHARE
            return Weight(2.0, length, 0.02 + heard * _share_of_music(work))
        case Part.SOUND:
            return Weight(2.0, length, 1.0 + length)
        case Part.TEXT:
            thousands = _characters(work) / 1000
            return Weight(1.0, thousands, 0.05 + thousands)
        case _:
            return NOTHING_TO_DO


def _share_of_music(work: Work) -> float:
    """How much of what is heard is given to the network: all of a song, hardly anything of a talk."""
    if work.music_s is None:
        return _HALF
    share = work.music_s / max(work.duration_s, 1e-3)
    if work.duration_s <= _MUSIC_PIECE_S:
        return 1.0 if share >= _MUSICAL else _SELDOM
    return max(_SELDOM, min(1.0, share))


@dataclass(frozen=True, slots=True)
class Load:
    """Items of one part that one model has been through, or (`ran` is None) nobody: what they weigh together."""

    part: Part
    ran: str | None
    weight: Weight
    amount: Amount


def gather(works: Iterable[Work], task: str) -> tuple[Load, ...]:
    """All that a task has to do with, added up once for all of its models."""
    analyser = ANALYSERS.get(task, "")
    groups: dict[tuple[Part, str | None], list[Work]] = {}
    for work in works:
        part = part_of(work, task)
        if part is not None:
            groups.setdefault((part, work.models.get(analyser)), []).append(work)
    loads: list[Load] = []
    for (part, ran), found in groups.items():
        weight = sum((weigh(work, task) for work in found), NOTHING_TO_DO)
        loads.append(Load(part, ran, weight, amount_of(found, task)))
    return tuple(loads)


def lacking(loads: Iterable[Load], model_id: str, *, is_in_use: bool) -> Iterator[Load]:
    """What this model has not had its turn with. For the one in use that is what nobody has looked at."""
    return (load for load in loads if load.ran is None or (not is_in_use and load.ran != model_id))


def amount_of(works: Iterable[Work], task: str) -> Amount:
    """The same as a person counts it."""
    film = sound = 0.0
    photos = words = items = 0
    for work in works:
        items += 1
        match part_of(work, task):
            case Part.FILM:
                film += work.duration_s
            case Part.SOUND:
                sound += work.duration_s
            case Part.PHOTO:
                photos += 1
            case Part.TEXT:
                words += round(_characters(work) / CHARACTERS_PER_WORD)
            case _:
                pass
    return Amount(film, sound, photos, words, items)


def _characters(work: Work) -> float:
    return work.size_bytes / _BYTES_PER_CHARACTER if work.characters is None else work.characters
