"""The benchmarks on folders that other people labelled: every way to write an index, and what is said of it is true."""

from __future__ import annotations

import json
import pickle
import sys
import wave
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from media_assistant.items.answers import SearchAnswer

# They run as programs, and find each other beside themselves.
sys.path.append(str(Path(__file__).parent))

import bench_duplicates
import bench_search
import labelled_media
import teach_quality
from duplicates_generator import Made, generate
from labelled_index import Index, Row, read_index
from labelled_media import FINER, SAID, SIGHT, SOUND, TOPIC, WRITTEN, Labelled, Spot, Wanted


def picture(file: Path, level: int = 90, size: tuple[int, int] = (96, 80)) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(level).integers(0, 255, (*size, 3), np.uint8)
    Image.fromarray(pixels).save(file)
    return file


def sound(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(b"\1\0" * 4000)
    return file


def index(media: Path, *lines: dict[str, Any] | str, before: bytes = b"") -> Index:
    media.mkdir(exist_ok=True)
    said = "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    (media / "index.jsonl").write_bytes(before + said.encode())
    return read_index(media)


def labelled(found: Index, ids: dict[str, int] | None = None) -> Labelled:
    """As if each line's file were an item of its own, or those named."""
    ids = ids or {f"m{number:05}": number + 1 for number in range(len(found.rows))}
    return labelled_media._labelled(SimpleNamespace(), found, [], ids)


def names(of: Labelled, sense: str) -> list[dict[str, str]]:
    return [wanted.names for wanted in of.wanted if wanted.sense == sense]


def test_lines_unlike_ours_are_read_and_what_cannot_be_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    media = tmp_path / "media"
    picture(media / "a.jpg")
    picture(media / "sub" / "b.png")
    sound(media / "c.wav")
    (media / "d.txt").write_text("A harbour at night, and nobody there to see it.\n", "utf-8")
    (media / "d.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nsix\n", "utf-8")
    (media / "e.bin").write_bytes(bytes(range(256)))
    found = index(
        media,
        {"file": "a.jpg", "label": "fire_hydrant", "written": None, "shots": None, "words": None},
        "",
        {"file": "sub\\b.png", "kind": "Images", "label": ["fire hydrant", "snow\u2028drift"]},
        {"file": "media/c.wav", "kind": "audio", "words": [[0, 0.2, "Six,", 0.9], {"start": 0.2, "end": 0.4, "word": "two"}, 7]},
        {"file": "d.txt", "kind": "document", "label": "harbours"},
        {"file": "d.srt"},
        "{no json",
        '["a list"]',
        {"label": "dog"},
        {"file": "gone.jpg", "kind": "photo"},
        {"file": "e.bin"},
        before=b"\xef\xbb\xbf",
    )  # fmt: skip
    assert [row.kind for row in found.rows] == ["photo", "photo", "sound", "text"]
    of = labelled(found)
    assert names(of, SIGHT) == [{"en": "fire hydrant"}, {"en": "snow drift"}]
    assert names(of, TOPIC) == [{"en": "harbours"}]
    assert names(of, SAID) == [{"en": "Six"}, {"en": "two"}]
    assert [row.get("label") for row in of.rows] == ["fire hydrant", "fire hydrant", None, "harbours"]
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["left_out"] == {
        "words: not [start_s, end_s, words]": 1,
        "lines that are no JSON": 1,
        "lines without a file": 2,
        "files that are not there": 1,
        "files that the library does not read": 1,
        "further labels of a file, in comparisons of classes": 1,
    }


def test_what_two_lines_say_of_one_content_is_put_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    media = tmp_path / "media"
    picture(media / "a.jpg")
    picture(media / "b.jpg")
    found = index(
        media,
        {"file": "a.jpg", "label": "dog"},
        {"file": "a.jpg", "written": ["Bakery"]},
        {"file": "b.jpg", "label": "snow", "imagenet_label": "husky, sled dog"},
    )
    of = labelled(found, {"m00000": 4, "m00001": 4, "m00002": 4})
    assert names(of, SIGHT) == [{"en": "dog"}, {"en": "snow"}]
    assert names(of, WRITTEN) == [{"en": "Bakery"}]
    assert names(of, FINER) == [{"en": "husky"}]
    assert of.rows == [{"file": "a.jpg", "kind": "photo", "label": "dog"}]
    assert of.files == {"a.jpg": 4, "b.jpg": 4}
    assert of.own_words == {4: "bakery"}
    assert of.named == {"dog", "snow", "husky", "sled dog"}
    assert "2" in capsys.readouterr().out


def test_a_label_is_of_the_language_that_it_is_written_in(tmp_path: Path) -> None:
    media = tmp_path / "media"
    files = [picture(media / f"{number}.jpg", number).name for number in range(5)]
    labels = [{"label": "狗"}, {"label": "Dog", "label_zh": "狗"}, {"label": "dog"}, {"label": "猫"}, {"label": "a, b"}]
    found = index(media, *({"file": file, **label} for file, label in zip(files, labels, strict=True)))
    of = labelled(found)
    assert [(wanted.names, wanted.item_ids) for wanted in of.wanted] == [
        ({"en": "Dog", "zh": "狗"}, {1, 2, 3}),
        ({"zh": "猫"}, {4}),
    ]


@pytest.mark.parametrize(("said", "others", "is_asked"), [("", [], True), ("six", [], False), ("six", ["Rain"], True)])
def test_the_sound_of_a_film_is_asked_for_unless_it_is_somebody_who_speaks(
    said: str, others: list[str], is_asked: bool, tmp_path: Path
) -> None:
    film = Row("a.mp4", tmp_path / "a.mp4", "video", sounds=[{"en": "rain"}], transcript=said)
    sounds = [Row("b.wav", tmp_path / "b.wav", "sound", labels=[{"en": name}]) for name in others]
    of = labelled(Index([film, *sounds], Counter()))
    assert [wanted.item_ids for wanted in of.wanted if wanted.sense == SOUND] == (
        [set(range(1, 2 + len(sounds)))] if is_asked else []
    )


def test_a_home_of_other_files_is_refused_in_words(tmp_path: Path) -> None:
    media, home = tmp_path / "media", tmp_path / "home"
    for name, level in (("a", 1), ("b", 2)):
        picture(media / f"{name}.jpg", level)
    lines = [{"file": "a.jpg", "label": "dog"}, {"file": "b.jpg", "label": "cat"}]
    labelled_media._copy(index(media, *lines).rows, home / "files")
    check = lambda *lines: labelled_media._check_home(index(media, *lines).rows, media, home)  # noqa: E731
    check({"file": "a.jpg", "label": "another"}, lines[1])
    for changed in (lines[::-1], lines[:1], [*lines, lines[0]]):
        with pytest.raises(SystemExit, match="other files"):
            check(*changed)
    picture(media / "a.jpg", 3)
    with pytest.raises(SystemExit, match="--home"):
        labelled_media.open_labelled(media, home)
    empty = tmp_path / "empty"
    empty.mkdir()
    index(empty, {"file": "gone.jpg"})
    with pytest.raises(SystemExit, match=r"names no file .* 1 files that are not there"):
        labelled_media.open_labelled(empty, tmp_path / "new")


def test_what_is_written_on_is_known_by_its_name_and_pillow_can_read_it(tmp_path: Path) -> None:
    media, files = tmp_path / "media", tmp_path / "files"
    whole, broken = picture(media / "b.jpg", 5, (400, 300)), picture(media / "a.jpg", 6, (400, 300))
    broken.write_bytes(broken.read_bytes()[:9000])
    found = index(media, {"file": broken.name, "label": "cat"}, {"file": whole.name, "label": "dog", "label_zh": "狗"})
    labelled_media._copy(found.rows, files)
    own = read_index(files / "written")
    assert not own.left_out
    assert {row.ground for row in own.rows} == {None, "m00001"}
    ids = {row.file.split(".")[0]: number + 10 for number, row in enumerate(own.rows)}
    of = labelled_media._labelled(SimpleNamespace(), found, own.rows, {"m00000": 1, "m00001": 2, **ids})
    (dog,) = (wanted for wanted in of.wanted if wanted.names == {"en": "dog", "zh": "狗"})
    assert len(dog.item_ids) > 5
    assert [row["file"] for row in of.rows] == ["a.jpg", "b.jpg"]


# The search's numbers


class Empty(bench_search.Trial):
    """A library that finds nothing."""

    def ask(self, query: str, *, shows_all: bool = False) -> SearchAnswer:
        return SimpleNamespace(hits=[])


def trial(wanted: Sequence[Wanted], named: set[str], own: str = "") -> Empty:
    return Empty(Labelled(SimpleNamespace(), list(wanted), {1: own}, {}, [], named))


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line, parse_constant=pytest.fail) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    "wanted", [[], [Wanted(SAID, {"en": "six"}, [Spot(1)])], [Wanted(SIGHT, {"en": "dog"}, [Spot(1)])]]
)
def test_a_half_without_anything_to_cut_is_passed_over(
    wanted: list[Wanted], capsys: pytest.CaptureFixture[str]
) -> None:
    asks = trial(wanted, set())
    for half in bench_search.HALVES:
        asks.success(half)
        asks.ends(half)
        asks.nonsense(half)
    lines = told(capsys)
    assert [line["half"] for line in lines if line["what"] == "nonsense"] == list(bench_search.HALVES)
    assert all(line["value"] == 1 for line in lines if line["what"] == "nonsense")
    assert sum(line["what"] == "success@5" for line in lines) == len(wanted)
    assert {line["sense"] for line in lines if line["what"] == "cut"} == (
        {SIGHT, "all"} if names_sight(wanted) else set()
    )


def names_sight(wanted: Sequence[Wanted]) -> bool:
    return any(each.sense == SIGHT for each in wanted)


@pytest.mark.parametrize(
    ("query", "labels", "own", "is_there"),
    [
        ("escalator", {"Escalator"}, "", True),
        ("wedding cake", {"cake"}, "", True),
        ("tractor", {"old tractor in a field"}, "", True),
        ("潜水艇", {"submarine"}, "", True),
        ("submarine", {"潜水艇"}, "", True),
        ("火山爆发", {"volcano"}, "", True),
        ("Philosophy", set(), "a book of philosophy, read twice", True),
        ("ion", {"station"}, "a station", False),
        ("escalator", {"dog"}, "a cat", False),
    ],
)
def test_what_a_folder_speaks_of_is_no_nonsense(query: str, labels: set[str], own: str, is_there: bool) -> None:
    assert bench_search.is_there(query, bench_search.all_names(labels), bench_search.plain(own)) is is_there


# Teaching and duplicates


def test_a_line_of_teaching_is_json_where_no_class_has_two_files() -> None:
    line = teach_quality._line({}, "looks", 1, [])
    assert line["map"] is None and line["interval"] is None
    assert teach_quality._mean({}, "looks", None) == 0
    assert teach_quality.reliability([])["found_share"] is None
    json.dumps([line, teach_quality.reliability([(0.1, False, 0)])], allow_nan=False)


def test_very_many_examples_are_drawn_from() -> None:
    assert list(teach_quality.choices([1, 2, 3], 2)) == [(1, 2), (1, 3), (2, 3)]
    assert list(teach_quality.choices([1, 2], 2)) == []
    drawn = list(teach_quality.choices(range(100), 3))
    assert drawn == list(teach_quality.choices(range(100), 3))
    assert len(set(drawn)) == teach_quality._CHOICES


def test_files_of_one_name_do_not_overwrite_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    media = tmp_path / "media"
    for number, name in enumerate(("one/x.png", "two/x.png", "two/X.jpg", "two/x (2).png")):
        picture(media / name, number)
    monkeypatch.setattr("duplicates_generator._decoy_films", lambda folder: iter(()))
    monkeypatch.setattr("duplicates_generator._is_place", lambda photo: photo.parent.name == "one")
    made = generate(media, tmp_path / "set")
    assert len({each.file.name.casefold() for each in made}) == len(made)
    assert all(each.file.is_file() for each in made)
    originals = {each.source for each in made if each.transform == "original"}
    assert len(originals) == 3
    assert {"photo x (2)"} < originals


def test_a_set_that_was_kept_serves_for_the_folder_that_it_was_made_from_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, used = tmp_path / "set", list[list[Made]]()
    made = [Made(kept / "x~original.jpg", "photo", "photo x", "original", False)]

    def use(found: list[Made]) -> tuple[set[tuple[int, int]], SimpleNamespace]:
        used.append(found)
        return set(), SimpleNamespace(close=lambda: None)

    def bench(*words: str | Path) -> int:
        monkeypatch.setattr(sys, "argv", ["bench", "--no-peers", "--set", *map(str, (kept, *words))])
        return bench_duplicates.main()

    def generate_once(_media: Path, folder: Path) -> list[Made]:
        folder.mkdir()
        return made

    monkeypatch.setattr(bench_duplicates, "ours", use)
    monkeypatch.setattr(bench_duplicates, "generate", generate_once)
    monkeypatch.setattr(bench_duplicates, "find_material", lambda: tmp_path)
    assert bench("--media", tmp_path / "one") == 0
    assert bench("--media", tmp_path / "one") == 0
    assert bench() == 0, "the set that is named is meant"
    assert used == [made] * 3
    assert bench("--media", tmp_path / "other") == 1
    assert str(tmp_path / "one") in capsys.readouterr().err
    rows = [(each.file, each.kind, each.source, each.transform, each.is_aside) for each in made]
    (kept / "made.pickle").write_bytes(pickle.dumps(rows))
    assert bench("--media", tmp_path / "one") == 1, "one of an earlier version does not say what it was made from"
    assert len(used) == 3
