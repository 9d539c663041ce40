"""The verbs `mix` and `groups` on a real library: rules held, the list read back by our own reader, groups with names."""

import json
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest

from media_assistant.cli.main import main
from media_assistant.items.concept import Concept
from media_assistant.items.findings import Trait
from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Sense
from media_assistant.library.library import Library
from media_assistant.media.playlist import read_playlist
from media_assistant.paths import find_paths
from media_assistant.workflows.order.mixing import Mixes
from tests.workflows.finding import add, find, label, vector

JAZZ, ROCK, FOLK = (Concept(name, name, zh) for name, zh in (("jazz", "爵士"), ("rock", "摇滚"), ("folk", "民谣")))
KEYS = ("A minor", "C major", "E minor", "G major", "Eb major")


def music(library: Library, count: int = 60, folder: str = "/m") -> list[int]:
    """Songs of three styles in turn, of four minutes, each with a tempo and a key."""
    rng = np.random.default_rng(4)
    centres = rng.standard_normal((3, 16))
    ids = []
    for number in range(count):
        item_id = add(library, f"Song {number}", Kind.MUSIC, Facts(duration_ms=240_000), folder)
        style = number % 3
        find(
            library,
            item_id,
            vector("sounds", centres[style] + 0.5 * rng.standard_normal(16)),
            label((JAZZ, ROCK, FOLK)[style], sense=Sense.HEARD),
            Trait("tempo_bpm", 90.0 + number % 20 * 3),
            Trait("key", KEYS[number % 5]),
            analyser="music",
        )
        ids.append(item_id)
    return ids


@pytest.fixture
def songs(home: Path) -> list[int]:
    library = Library.open(find_paths().library)
    ids = music(library)
    library.finding.close()
    library.close()
    return ids


def said(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> dict:
    assert main([*words, "--json"]) == status
    return json.loads(capsys.readouterr().out)


def test_a_mix_keeps_its_rules_and_is_read_back(
    songs: list[int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "evening.m3u8"
    rules = ("--tempo", "95-130", "--rising", "--key-compatible", "--minutes", "40", "--out", str(file))
    mix = said(capsys, "mix", "--seed", str(songs[3]), *rules)
    steps = mix["steps"]
    assert mix["bound"] is None and 38 * 60_000 <= mix["total_ms"] <= 42 * 60_000
    assert steps[0]["item"]["id"] == songs[3] and steps[0]["tempo_bpm"] == 99
    tempos = [step["tempo_bpm"] for step in steps]
    assert tempos == sorted(tempos) and max(tempos) <= 130
    assert "Eb major" not in {step["key"] for step in steps}, "no key beside it"
    assert all(step["why"] for step in steps)
    names = [entry.name for entry in read_playlist(file).entries]
    assert names == [f"{step['item']['title']}" for step in steps]
    none = said(capsys, "mix", "--seed", str(songs[3]), "--tempo", "95-98", "--minutes", "40")
    assert none["bound"] == "tempo" and "tempo" in none["says"] and none["steps"]


def test_no_mix_takes_the_place_of_a_list(songs: list[int], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "evening.m3u8"
    said(capsys, "mix", "--seed", str(songs[3]), "--out", str(file))
    before = file.read_bytes()
    assert main(["mix", "--seed", str(songs[3]), "--tempo", "20-30", "--out", str(file), "--json"]) == 1
    told = capsys.readouterr()
    none = json.loads(told.out)
    assert none["steps"] == [] and none["bound"] == "tempo" and "written" not in none
    assert told.err.strip() == none["says"] and file.read_bytes() == before


def test_a_path_leads_from_one_to_the_other(songs: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    path = said(capsys, "mix", "--from", str(songs[0]), "--to", str(songs[4]), "--steps", "5")
    ids = [step["item"]["id"] for step in path["steps"]]
    assert (ids[0], ids[-1]) == (songs[0], songs[4]) and 2 < len(set(ids)) == len(ids) <= 5
    assert path["notes"] == []
    longest = said(capsys, "mix", "--from", str(songs[0]), "--to", str(songs[4]), "--steps", "200")
    assert len(longest["steps"]) <= 50 and "50 steps at most" in longest["notes"][0]
    assert said(capsys, "mix", "--from", str(songs[0]), "--to", str(songs[0]), status=1)["error"]["code"] == "mix.same"
    assert main(["mix", "--minutes", "5"]) == 2


def test_groups_form_with_names_and_items(songs: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    groups = said(capsys, "groups")["groups"]
    assert [group["count"] for group in groups] == [20, 20, 20]
    assert {group["name"] for group in groups} == {"jazz", "rock", "folk"}
    assert groups[0]["telling"][0]["inside"] == groups[0]["telling"][0]["everywhere"] == 20
    one = said(capsys, "groups", str(groups[0]["number"]))
    assert len({item["id"] for item in one["items"]}) == 20
    assert said(capsys, "groups", "99", status=1)["error"]["code"] == "groups.none_of_number"


def test_groups_that_cannot_be_formed_anew_are_shown_as_they_were(
    songs: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    find_paths().library_cache.joinpath("groups.json").mkdir(parents=True)
    assert main(["groups", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == {"groups": []}
    assert "could not be formed anew" in told.err


def test_of_many_seeds_some_are_drawn_and_it_is_said(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library = Library.open(find_paths().library)
    ids = music(library, 150)
    unknown = [add(library, f"Unheard {number}", Kind.MUSIC, Facts(), "/m") for number in range(3)]
    # Those that came first are all of one style, so that the first 64 would tell of nothing else.
    jazz_first = sorted(ids, key=lambda item_id: (ids.index(item_id) % 3, item_id))
    library.create_collection("Evening", item_ids=[*jazz_first, *unknown])
    library.create_collection("Unheard", item_ids=unknown)
    used, _ = Mixes(library, lambda *_: Future()).draw(jazz_first)
    assert min(sum((item_id - ids[0]) % 3 == style for item_id in used) for style in range(3)) > 10
    library.finding.close()
    library.close()
    mix = said(capsys, "mix", "--query", "collection:Evening", "--steps", "30")
    assert "64 of 150 items" in mix["notes"][0] and "3 of 153 are not analysed" in mix["notes"][1]
    assert len(mix["steps"]) == 30
    assert said(capsys, "mix", "--query", "collection:Evening", "--steps", "30") == mix, "drawn the same way again"
    few = said(capsys, "mix", "--query", "tag:jazz", "--steps", "5")
    assert few["notes"] == []
    none = said(capsys, "mix", "--query", "collection:Unheard", status=1)["error"]
    assert none["code"] == "mix.none_known"


def test_a_seed_whose_file_is_away_is_no_step(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library = Library.open(find_paths().library)
    ids = music(library)
    library.mark_missing(["/m/Song 0"])
    library.finding.close()
    library.close()
    mix = said(capsys, "mix", "--seed", str(ids[0]), "--steps", "8")
    numbers = [int(step["item"]["title"].split()[1]) for step in mix["steps"]]
    assert len(numbers) == 8 and 0 not in numbers
    assert all(number % 3 == 0 for number in numbers), "what is like it"
