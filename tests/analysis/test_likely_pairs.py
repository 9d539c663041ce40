"""Reasons to compare two items: copies have them, and what is alike by chance has none."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis import same_picture, same_sound
from media_assistant.analysis.likely_pairs import Prints, Sights, compare, find_reasons
from media_assistant.analysis.same_sound import KeptWords
from media_assistant.analysis.sight_prints import SIDE, SightPrint
from media_assistant.items.kind import Kind

Grey = NDArray[np.uint8]


def pictures(count: int, seed: int, *, spots: int = 6) -> list[Grey]:
    """Smooth ones, none like another; the fewer `spots` there are in a row, the more are alike by chance."""
    draw = np.random.default_rng(seed)
    size = spots, spots
    made = [cv2.resize(draw.normal(128, 50, size), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) for _ in range(count)]
    return [np.asarray(np.clip(each, 0, 255), np.uint8) for each in made]


def poorer(picture: Grey) -> Grey:
    noise = np.random.default_rng(0).normal(0, 4, picture.shape)
    return np.asarray(np.clip(picture * 0.9 + 8 + noise, 0, 255), np.uint8)


def reasons(items: Sequence[Prints], kept: Sequence[Prints] = ()) -> set[tuple[int, int]]:
    no = KeptWords.of([], np.zeros(0, np.int64))
    return set(find_reasons(items, Sights.of(items), Sights.of(kept), no))


def photo(item_id: int, picture: Grey) -> Prints:
    return Prints(item_id, Kind.PHOTO, 0, [SightPrint(0, (0, 0, 0, 0), picture)])


def film(item_id: int, shown: Sequence[Grey]) -> Prints:
    sights = [SightPrint(4000 * number, (0, 0, 0, 0), picture) for number, picture in enumerate(shown)]
    return Prints(item_id, Kind.VIDEO, 4000 * len(shown), sights)


def test_pictures_that_are_alike_by_chance_are_no_reason_to_compare() -> None:
    made = pictures(400, 1)
    kept = [photo(number, picture) for number, picture in enumerate(made, 1)]
    crop = cv2.resize(poorer(made[7])[2:29, 4:31], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    copies = [
        photo(1001, poorer(made[4])),
        photo(1002, np.ascontiguousarray(poorer(made[5])[:, ::-1])),
        photo(1003, np.asarray(crop, np.uint8)),
    ]
    found = reasons(copies, kept)
    assert found >= {(5, 1001), (6, 1002), (8, 1003)}
    assert len(found) <= 6
    assert len(reasons(kept)) < 20, "of 79,800 pairs"


def test_photos_have_to_agree_better_than_pictures_of_films_which_have_their_times_beside() -> None:
    made = pictures(300, 3, spots=4)
    photos = [photo(number, picture) for number, picture in enumerate(made, 1)]
    found = reasons(photos)
    by_chance = reasons([film(number, [picture]) for number, picture in enumerate(made, 1)])
    assert found < by_chance
    assert 4 * len(found) < len(by_chance)
    copies = [photo(1000 + number, poorer(picture)) for number, picture in enumerate(made, 1)]
    assert reasons(copies, photos) >= {(number, 1000 + number) for number in range(1, 301)}


def test_a_part_is_found_as_if_each_step_were_computed_anew() -> None:
    def agreement(a: np.ndarray, b: np.ndarray, box: same_picture.Box, *, is_fine: bool) -> float:
        left, top, right, bottom = box
        size = round((right - left) * SIDE), round((bottom - top) * SIDE)
        across, down = (right - left) * SIDE / size[0], (bottom - top) * SIDE / size[1]
        place = np.array(
            [[across, 0, left * SIDE - 0.5 + across / 2], [0, down, top * SIDE - 0.5 + down / 2]], np.float32
        )
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        both = [
            cv2.warpAffine(a, place, size, flags=flags, borderMode=cv2.BORDER_REPLICATE),
            cv2.resize(b, size, interpolation=cv2.INTER_AREA),
        ]
        one, other = ((each - cv2.GaussianBlur(each, (0, 0), 2.5) if is_fine else each).ravel() for each in both)
        one, other = one - one.sum() / one.size, other - other.sum() / other.size
        return float(one.dot(other) / np.sqrt(float(one.dot(one)) * float(other.dot(other)) + 1e-6))

    def climb(
        a: np.ndarray, b: np.ndarray, box: list[float], step: float, *, is_fine: bool
    ) -> tuple[float, list[float]]:
        best = agreement(a, b, tuple(box), is_fine=is_fine)  # type: ignore[arg-type]
        while step > 0.008 and best > 0:
            has_moved = False
            for edge, move in ((edge, move) for edge in range(4) for move in (-step, step)):
                tried = [each + move * (at == edge) for at, each in enumerate(box)]
                left, top, right, bottom = tried
                if min(left, top) < -0.015 or max(right, bottom) > 1.015 or min(right - left, bottom - top) < 0.58:
                    continue
                found = agreement(a, b, (left, top, right, bottom), is_fine=is_fine)
                if found > best:
                    best, box, has_moved = found, tried, True
            step = step if has_moved else step / 2
        return best, box

    moved = 0
    for picture, other in zip(pictures(6, 8), [*pictures(6, 8)[:3], *pictures(3, 9)], strict=True):
        a = picture.astype(np.float32)
        b = cv2.resize(poorer(other)[1:28, 5:31], (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
        for is_fine, see, step in ((False, same_picture._same, 0.06), (True, same_picture._fine, 0.04)):
            start = (0.1, 0.0, 1.0, 0.9)
            best, box = climb(a, b, list(start), step, is_fine=is_fine)
            assert same_picture._Parts(a, b, see).climb(start, step) == (best, tuple(box))
            moved += tuple(box) != start
    assert moved > 6


def test_one_picture_that_two_films_share_is_no_reason_unless_they_are_short() -> None:
    made = pictures(40, 2)
    long = film(1, made[:20])
    shares_one = film(2, [*made[20:27], poorer(made[7]), *made[28:]])
    shares_two = film(3, [poorer(made[11]), poorer(made[12]), *pictures(9, 3)])
    short = film(4, [poorer(made[16])])
    assert reasons([long, shares_one, shares_two, short]) == {(1, 3), (1, 4)}


def test_a_poor_copy_of_a_few_seconds_is_a_reason_to_compare_and_hardly_a_stranger() -> None:
    draw = np.random.default_rng(6)

    def sound(words: int) -> NDArray[np.bool_]:
        turns = draw.random((words, 32)) < 0.2  # most bits stay from one word to the next
        return np.asarray((np.cumsum(turns, 0) + draw.integers(0, 2, 32)) & 1 > 0, np.bool_)

    def packed(bits: NDArray[np.bool_]) -> NDArray[np.uint32]:
        return np.packbits(bits, axis=1, bitorder="little").view("<u4").ravel().astype(np.uint32)

    sounds = [sound(30) for _ in range(60)]
    # Of each, two seconds from somewhere in it, in which a fifth of the bits differ.
    copies = [each[5 + at % 10 :][:14] ^ (draw.random((14, 32)) < 0.2) for at, each in enumerate(sounds)]
    kept = same_sound.KeptWords.of(list(map(packed, sounds)), np.arange(60))
    found = same_sound.find_candidates(list(map(packed, copies)), np.arange(100, 160), kept)
    known = sum(5 + at % 10 in found.get((at, at), []) for at in range(60))
    assert known >= 54
    assert len(found) <= 60 + 80, "of 5,310 pairs of strangers"
    likeness = [same_sound.compare(packed(copies[at]), packed(sounds[at]), [5 + at % 10]) for at in range(60)]
    assert all(each is not None and each.share > 0.7 for each in likeness)


def test_of_a_few_seconds_less_has_to_agree_than_of_a_song_which_may_be_a_medley() -> None:
    draw = np.random.default_rng(11)

    def found(count: int, share: float) -> bool:
        words = draw.integers(1, 2**32, count, np.uint32)
        other = np.where(np.arange(count) < share * count, words, draw.integers(1, 2**32, count, np.uint32))
        one, two = (Prints(n, Kind.MUSIC, 128 * count, [], each) for n, each in ((1, words), (2, other)))
        return compare(one, two, [], [0]) is not None

    assert found(40, 0.65)
    assert not found(40, 0.4)
    assert not found(1000, 0.65)
    assert found(1000, 0.8)


def test_two_short_sounds_are_told_by_their_changes_and_by_their_words_if_one_has_none() -> None:
    draw = np.random.default_rng(4)
    words = draw.integers(1, 2**32, 40, np.uint32)
    changes = [draw.integers(1, 16, (80, 32)).astype(np.uint8) for _ in range(2)]
    none = changes[0][:0]

    def found(first: NDArray[np.uint8], second: NDArray[np.uint8], others: NDArray[np.uint32] = words) -> bool:
        one, two = (
            Prints(n, Kind.MUSIC, 5000, [], heard, each) for n, heard, each in ((1, words, first), (2, others, second))
        )
        return compare(one, two, [], [0]) is not None

    assert found(changes[0], changes[0], words[::-1].copy())
    assert not found(changes[0], changes[1])
    assert found(changes[0], none)
    assert found(none, none)


def test_a_sound_of_which_one_word_is_heard_is_looked_for_too() -> None:
    draw = np.random.default_rng(8)
    barks = [np.zeros(30, np.uint32) for _ in range(40)]
    for each in barks:
        each[draw.integers(0, 30)] = draw.integers(1, 2**32, dtype=np.uint32)
    kept = same_sound.KeptWords.of(barks, np.arange(40))
    found = same_sound.find_candidates([each[:] for each in barks], np.arange(100, 140), kept)
    assert all((at, at) in found for at in range(40))
    assert len(found) < 60
