"""Duplicates through the real analyser and the real library: every kind of transform, and what only looks like one."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from media_assistant.analysis import same_sound
from media_assistant.analysis.run import run
from media_assistant.analysis.sound_prints import SoundPrint
from media_assistant.analysis.spectra import RATE_HZ
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.duplicates import LikelyPair
from media_assistant.items.findings import Fingerprint
from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.library.library import Library, NewItem
from media_assistant.media.probe import probe
from media_assistant.paths import find_paths
from media_assistant.workflows.duplicates import compared_prints
from media_assistant.workflows.duplicates.duplicate_groups import join, read_groups
from media_assistant.workflows.duplicates.finding_duplicates import Progress, compare_rounds
from tests.bench.duplicates_generator import (
    PICTURES,
    RATE,
    Clip,
    Rgb,
    _random,
    _trim,
    write_clip,
    write_picture,
)
from tests.library.making import alike, new_item
from tests.workflows.engine import open_assistant


def find_duplicates(
    library: Library, folder: Path | None = None, progress: Progress = lambda _done, _all: None
) -> LibraryChanges:
    """As the program does it by a worker, round by round."""
    changes = LibraryChanges()
    for found in compare_rounds(library, folder, progress=progress):
        changes |= library.save_pairs(found.compared, found.pairs)
    return changes


class NoModels:
    """Fingerprints need none."""

    threads = 1


def scene(seed: int, width: int = 480, height: int = 320) -> Rgb:
    """A ground with large and small things on it."""
    draw = np.random.default_rng(seed)
    grounds = [
        cv2.resize(
            draw.normal(0, 70 / level**0.5, (4 * level, 6 * level, 3)), (width, height), interpolation=cv2.INTER_CUBIC
        )
        for level in (1, 3, 9)
    ]
    return np.asarray(np.clip(128 + sum(grounds), 0, 255), np.uint8)


def understood(folder: Path, files: Sequence[Path], kind: Kind) -> Library:
    """A library of these files with their fingerprints, compared."""
    library = Library.open(folder / "library.sqlite")
    new = [NewItem(kind, str(file), file.stem, file.stat().st_size, 1, file.name, probe(file, kind)) for file in files]
    ids, _ = library.add_items(new)
    for item_id, file in zip(ids, files, strict=True):
        said = [each for _, each in run(file, kind, ["fingerprints"], NoModels())]  # type: ignore[arg-type]
        found = [each for each in said if isinstance(each, Fingerprint)]
        library.save_findings(item_id, "fingerprints", 1, "", "", found, is_first_chunk=True)
        library.finish_analysis(item_id, "fingerprints", 1)
    find_duplicates(library)
    return library


def grouped(library: Library) -> list[set[str]]:
    """The titles of each group."""
    return sorted(({member.item.title for member in group.members} for group in read_groups(library)), key=sorted)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Every form of two photos, and what only looks like them: an overlapping view, a moved thing, blank pictures."""
    folder = tmp_path_factory.mktemp("photos")
    files: list[Path] = []

    def put(name: str, picture: Rgb, ending: str = ".jpg", quality: int = 88) -> None:
        files.append(folder / f"{name}{ending}")
        write_picture(files[-1], picture, quality)

    for name, seed in (("one", 1), ("two", 2)):
        picture = scene(seed)
        put(f"{name} original", picture, quality=96)
        put(f"{name} reencoded", picture, quality=25)
        put(f"{name} webp", picture, ".webp", 60)
        put(f"{name} png", picture, ".png")
        for form, change in PICTURES.items():
            put(f"{name} {form}", change(picture, _random(form, name)))
    place, moved = scene(3, 900), scene(4)
    put("view left", place[:, :540])
    put("view right", place[:, 360:])
    put("burst 1", moved)
    later = moved.copy()
    later[90:230, 160:330] = scene(5)[90:230, 160:330]
    put("burst 2", later)
    for level in (0, 127, 255):
        put(f"blank {level}", np.full((200, 300, 3), level, np.uint8))
    return understood(folder, files, Kind.PHOTO)


def test_every_form_of_a_photo_is_found_and_nothing_else(photos: Library) -> None:
    forms = {"original", "reencoded", "webp", "png", *PICTURES}
    assert grouped(photos) == [{f"{name} {form}" for form in forms} for name in ("one", "two")]


def test_the_best_one_is_to_be_kept_and_what_differs_is_said(photos: Library) -> None:
    for group in read_groups(photos):
        kept = group.kept
        assert kept.item.title.endswith(("png", "original")), kept
        assert "duplicates.uncropped" in {each.code for each in kept.differences}
        said = {m.item.title.split()[1]: {each.code for each in m.differences} for m in group.members[1:]}
        assert "duplicates.mirrored" in said["mirrored"] and "duplicates.cropped" in said["cropped"]
        assert "duplicates.size" in said["resized"] and "duplicates.borders" in said["letterbox"]
        assert not any("duplicates.mirrored" in codes for form, codes in said.items() if form != "mirrored")


def test_shots_of_a_camera_on_a_tripod_are_no_duplicates_and_copies_of_them_are(tmp_path: Path) -> None:
    files: list[Path] = []

    def shot(name: str, noise: int, taken_at: str, quality: int = 90) -> None:
        grain = np.random.default_rng(noise).normal(0, 3, (320, 480, 3))
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9003] = taken_at
        files.append(tmp_path / f"{name}.jpg")
        picture = Image.fromarray(np.clip(scene(21) + grain, 0, 255).astype(np.uint8))
        picture.save(files[-1], quality=quality, exif=exif)

    shot("first", 1, "2024:05:12 15:30:00")
    shot("first again", 1, "2024:05:12 15:30:00", 40)
    shot("first in another zone", 1, "2024:05:12 17:30:00", 60)
    shot("second", 2, "2024:05:12 15:30:02")
    shot("second again", 2, "2024:05:12 15:30:02", 40)
    library = understood(tmp_path, files, Kind.PHOTO)
    assert grouped(library) == [{"first", "first again", "first in another zone"}, {"second", "second again"}]
    library.close()


def test_what_a_person_calls_different_stays_apart_when_all_is_compared_again(photos: Library) -> None:
    before = grouped(photos)
    group = read_groups(photos)[0]
    outsider = group.members[-1].item
    photos.part_items([outsider.id, *(member.item.id for member in group.members[:-1])])
    with photos._database.transaction() as connection:
        connection.execute("DELETE FROM compared_items")
    assert find_duplicates(photos)
    assert not any(outsider.title in titles for titles in grouped(photos))
    photos.undo()
    assert grouped(photos) == before


def test_a_new_photo_is_compared_alone_and_its_group_grows(photos: Library, tmp_path: Path) -> None:
    assert not find_duplicates(photos), "nothing is new"
    file = tmp_path / "late.jpg"
    write_picture(file, scene(2), 50)
    ((late,), _) = photos.add_items([NewItem(Kind.PHOTO, str(file), "late", 9, 1, "late", Facts())])
    said = [each for _, each in run(file, Kind.PHOTO, ["fingerprints"], NoModels())]  # type: ignore[arg-type]
    found = [each for each in said if isinstance(each, Fingerprint)]
    photos.save_findings(late, "fingerprints", 1, "", "", found, is_first_chunk=True)
    assert late in find_duplicates(photos).moments and late in alike(photos)
    photos.remove_items([late])
    assert late not in alike(photos)


def again(library: Library) -> set[tuple[int, int]]:
    """Nothing was compared; gives what had been found."""
    before = {(pair.first_id, pair.second_id) for pair in library.likely_pairs()}
    with library._database.transaction() as connection:
        connection.execute("DELETE FROM compared_items")
        connection.execute("DELETE FROM likely_pairs")
    return before


def pairs(library: Library) -> set[tuple[int, int]]:
    return {(pair.first_id, pair.second_id) for pair in library.likely_pairs()}


def test_a_comparison_that_was_ended_goes_on_and_its_files_may_be_lost(
    photos: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compared_prints, "_FEWEST", 5)
    monkeypatch.setattr(compared_prints, "_READ", 5)
    before, folder = again(photos), tmp_path / "prints"
    count = len(photos.uncompared())
    for number, found in enumerate(compare_rounds(photos, folder)):
        if number == 2:
            break  # ended before it was saved
        photos.save_pairs(found.compared, found.pairs)
    assert len(photos.uncompared()) == count - 10 and photos.likely_pairs()
    (folder / "photo-sights.records").write_bytes(b"cut off")
    reached: list[int] = []
    find_duplicates(photos, folder, progress=lambda done, _all: reached.append(done))
    assert pairs(photos) == before and not photos.uncompared()
    assert reached == sorted(reached) and reached[-1] == count - 10
    kept = (folder / "photo-sights.rows").stat()
    assert not find_duplicates(photos, folder) and (folder / "photo-sounds.records").exists()
    # Files of what the library has forgotten, or of another library.
    again(photos)
    find_duplicates(photos, folder)
    assert (folder / "photo-sights.rows").stat().st_size == kept.st_size
    assert pairs(photos) == before


def test_the_program_compares_in_a_process_of_its_own(photos: Library, home: Path) -> None:
    copied = find_paths().library
    copied.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(photos.file)) as source, closing(sqlite3.connect(copied)) as target:
        source.backup(target)
    with closing(Library.open(copied)) as library:
        before = again(library)
    with closing(open_assistant(works=False)) as assistant:
        assistant.duplicates.find().result(60)
        assert pairs(assistant.library) == before
        assert (find_paths().prints / "photo-sights.rows").exists(), "what it compares with stays for the next one"


def film(seed: int, seconds: int = 6) -> Clip:
    """A camera that pans over two places, with a melody."""
    pictures: list[Rgb] = []
    for shot in range(2):
        ground = scene(100 * seed + shot, 720, 400)
        for at in range(seconds * 5):
            left, top = 4 * at, at
            pictures.append(np.ascontiguousarray(ground[top : top + 180, left : left + 320]))
    notes = np.repeat(np.random.default_rng(seed).uniform(250, 2000, 4 * seconds), RATE // 4)
    melody = 0.3 * np.sin(2 * np.pi * np.cumsum(notes) / RATE)
    melody += 0.1 * np.sign(np.sin(2 * np.pi * np.cumsum(notes * 1.5) / RATE))
    return Clip(pictures, Fraction(10), np.stack([melody, melody]).astype(np.float32))


def test_forms_of_a_film_are_found_and_films_that_share_an_intro_are_not(tmp_path: Path) -> None:
    clip = film(1)
    forms = {
        "original": (clip, {}),
        "reencoded": (clip, {"quality": 38, "kbps": 48}),
        "webm": (clip, {"video": "libvpx", "audio": "libopus"}),
        "trimmed": (_trim(clip, 0.25, 0.9), {}),
    }
    for name in ("mirrored", "subtitles", "cropped", "letterbox", "resized"):
        pictures = [PICTURES[name](picture, _random(name, "film")) for picture in clip.pictures]
        forms[name] = (Clip(pictures, clip.rate, clip.sound), {})
    files = []
    for name, (made, options) in forms.items():
        files.append(tmp_path / f"{name}{'.webm' if name == 'webm' else '.mp4'}")
        write_clip(files[-1], made, **options)  # type: ignore[arg-type]
    intro = film(7, 4)
    for seed in (8, 9):
        rest = film(seed, 5)
        files.append(tmp_path / f"with intro {seed}.mp4")
        sound = np.concatenate([intro.sound, rest.sound], 1)
        write_clip(files[-1], Clip(intro.pictures + rest.pictures, rest.rate, sound))
    library = understood(tmp_path, files, Kind.VIDEO)
    assert grouped(library) == [set(forms)]
    (group,) = read_groups(library)
    said = {member.item.title: {each.code for each in member.differences} for member in group.members}
    assert "duplicates.shorter" in said["trimmed"] and "duplicates.mirrored" in said["mirrored"]
    library.close()


def test_films_that_sound_otherwise_are_others_though_they_show_the_same(tmp_path: Path) -> None:
    cover = [scene(50, 320, 180)] * 120
    songs = {seed: Clip(cover, Fraction(10), film(seed, 12).sound) for seed in (3, 4, 5)}
    shown = film(1, 8)
    made = {
        "one.mp4": (songs[3], {}),
        "one again.mp4": (songs[3], {"quality": 36, "kbps": 48}),
        "one trimmed.mp4": (_trim(songs[3], 0.2, 0.9), {}),
        "two.mp4": (songs[4], {}),
        "three.mp4": (songs[5], {}),
        "film.mp4": (shown, {}),
        "film without sound.mp4": (Clip(shown.pictures, shown.rate, shown.sound[:, :0]), {}),
        "dubbed.mp4": (Clip(shown.pictures, shown.rate, film(2, 8).sound), {}),
    }
    files = []
    for name, (clip, options) in made.items():
        files.append(tmp_path / name)
        write_clip(files[-1], clip, **options)  # type: ignore[arg-type]
    library = understood(tmp_path, files, Kind.VIDEO)
    told = {item.id: item.title for item in library.items(library.item_ids())}
    found = {frozenset((told[a], told[b])) for a, b in pairs(library)}
    silent = "film without sound"
    assert found == {
        *map(frozenset, combinations(("one", "one again", "one trimmed"), 2)),
        frozenset(("film", silent)),
        frozenset(("dubbed", silent)),
    }
    library.close()


def test_the_same_recording_is_found_in_any_format_and_another_song_is_not(tmp_path: Path) -> None:
    song, other = film(1, 12), film(2, 12)
    song.pictures, other.pictures = [], []
    quiet = Clip([], song.rate, song.sound[:1] * np.float32(0.35))
    forms = {
        "original.flac": (song, {"audio": "flac"}),
        "poor.mp3": (song, {"audio": "libmp3lame", "kbps": 56}),
        "other.m4a": (song, {"audio": "aac", "kbps": 96}),
        "trimmed.mp3": (_trim(song, 0.2, 0.8), {"audio": "libmp3lame"}),
        "quiet.ogg": (quiet, {"audio": "libopus", "kbps": 64}),
        "another song.mp3": (other, {"audio": "libmp3lame"}),
    }
    files = []
    for name, (made, options) in forms.items():
        files.append(tmp_path / name)
        write_clip(files[-1], made, **options)  # type: ignore[arg-type]
    library = understood(tmp_path, files, Kind.MUSIC)
    assert grouped(library) == [{"original", "poor", "other", "trimmed", "quiet"}]
    (group,) = read_groups(library)
    assert group.kept.item.title == "original"
    assert {each.code for each in group.kept.differences} >= {"duplicates.lossless", "duplicates.longest"}
    library.close()


def calls(seed: int) -> Clip:
    """Five seconds in which an animal calls once, for half a second."""
    draw = np.random.default_rng(seed)
    at = np.arange(RATE // 2) / RATE
    heard = sum(
        draw.uniform(0.2, 1) * np.sin(2 * np.pi * (draw.uniform(300, 2500) * at + draw.uniform(-2500, 2500) * at**2))
        for _ in range(5)
    )
    sound = draw.normal(0, 1e-5, (1, 5 * RATE))
    sound[0, 2 * RATE : 2 * RATE + len(at)] += 0.15 * np.asarray(heard) * np.hanning(len(at))
    return Clip([], Fraction(25), np.asarray(sound, np.float32))


def test_a_single_call_is_known_in_a_poor_coding_and_cut_and_another_call_is_not(tmp_path: Path) -> None:
    files = []
    for seed in range(2, 7):
        clip = calls(seed)
        for name, part, options in (
            ("original.flac", clip, {"audio": "flac"}),
            ("poor.ogg", clip, {"audio": "libopus", "kbps": 20}),
            ("cut.mp3", _trim(clip, 0.213, 0.9), {"audio": "libmp3lame", "kbps": 40}),
        ):
            files.append(tmp_path / f"{seed} {name}")
            write_clip(files[-1], part, **options)  # type: ignore[arg-type]
    library = understood(tmp_path, files, Kind.MUSIC)
    assert grouped(library) == [{f"{seed} {name}" for name in ("original", "poor", "cut")} for seed in range(2, 7)]
    library.close()


def test_a_copy_that_is_hardly_heard_has_the_same_bits() -> None:
    draw = np.random.default_rng(3)
    swells = np.abs(np.sin(np.arange(6 * RATE_HZ) / RATE_HZ)) ** 3
    heard = (0.4 * draw.normal(0, 0.3, 6 * RATE_HZ) * swells).astype(np.float32)
    prints = []
    for loudness, block in ((1, 7000), (0.02, 50_000)):
        made = SoundPrint()
        for start in range(0, len(heard), block):
            made.push(heard[start : start + block] * np.float32(loudness))
        prints.append(made.finish())
    assert np.count_nonzero(prints[0]) > 20
    assert np.bitwise_count(prints[0] ^ prints[1]).sum() < 0.01 * 32 * len(prints[0])
    silent = SoundPrint()
    silent.push(np.zeros(3 * RATE_HZ, np.float32))
    assert not silent.finish().any()


@pytest.mark.parametrize("length", range(9))
def test_sounds_that_hardly_overlap_are_compared_without_harm(length: int) -> None:
    words = np.arange(1, 40, dtype=np.uint32)
    assert same_sound.compare(words, words[:length], [-length, 0, 39 - length, 38, 60]) is None or length > 4


def test_a_chain_of_weak_links_joins_no_hundred_items() -> None:
    chain = [LikelyPair(number, number + 1, 0.8) for number in range(1, 100)]
    assert max(len(group) for group in join(chain)) <= 3
    star = [LikelyPair(1, number, 0.9) for number in range(2, 12)]
    assert join(star) == [list(range(1, 12))], "forms of one original need not be like each other"
    assert not any({3, 1} <= set(group) for group in join(star, [(1, 3)]))


def test_a_search_for_duplicates_finds_them_until_a_person_has_decided(home: Path) -> None:
    with closing(Library.open(find_paths().library)) as library:
        ids, _ = library.add_items([new_item(number) for number in range(4)])
        library.save_pairs({}, [LikelyPair(ids[0], ids[2], 0.9)])
    assistant = open_assistant()

    def found(query: str) -> set[int]:
        return {hit.item.id for hit in assistant.search(query).result(30).hits}

    assert found("is:duplicate") == {ids[0], ids[2]} and found("-is:duplicate") == {ids[1], ids[3]}
    assistant.duplicates.part([ids[0], ids[2]]).result(30)
    assert found("is:duplicate") == set()
    assistant.close()
