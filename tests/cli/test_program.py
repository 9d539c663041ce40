"""The installed program, run as a person or a script runs it: exit statuses, one JSON document, exact fields."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import pytest

from media_assistant.analysis.analyser import Stage
from media_assistant.cli import main
from media_assistant.jobs.claim import claim_library
from media_assistant.library.library import Library
from media_assistant.paths import find_paths
from media_assistant.settings import save
from tests.films import shorten
from tests.workflows.engine import BRISK, make_media, open_assistant, wait_for

ROOT = Path(__file__).resolve().parents[2]


def run(*words: str | Path, status: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "media_assistant", *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
        check=False,
    )
    assert done.returncode == status, done.stderr
    return done


def ask(*words: str | Path, status: int = 0, **environment: str) -> Any:
    """The one document on standard output."""
    return json.loads(run(*words, "--json", status=status, **environment).stdout)


MOMENT = {"sense", "label", "text", "score", "source"}
ITEM = {"id", "kind", "path", "title", "duration_ms", "missing"}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    """The samples, imported and understood once for all tests that only look."""
    folder = tmp_path_factory.mktemp("cli")
    of_all = {"MEDIA_ASSISTANT_HOME": str(folder)}
    document = ask("--library", folder / "samples.sqlite", "import", samples, **of_all)
    assert not document["failed"]
    assert document["analyses"]["failed"] == 0, ask("--library", folder / "samples.sqlite", "jobs", **of_all)
    return folder / "samples.sqlite"


def test_import_says_what_became_of_every_file(samples: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.mp3").write_bytes(b"")
    document = ask("import", samples / "balloon.jpg", tmp_path, samples / "truth.json", "--no-analyse")
    left = {"paused", "waiting", "held"}
    assert set(document) == {"added", "known", "moved", "failed", "ignored", "analyses", "took_s"} | left
    assert [item["kind"] for item in document["added"]] == ["photo"]
    assert set(document["added"][0]) >= ITEM
    assert document["analyses"] == {"done": 0, "failed": 0}
    assert [Path(each["path"]).name for each in document["failed"]] == ["empty.mp3"]
    assert all(each["reason"] for each in document["failed"] + document["ignored"])
    again = ask("import", samples / "balloon.jpg", "--no-analyse")
    assert (again["added"], again["known"]) == ([], 1)
    assert ask("analyse")["analyses"]["done"] > 0
    assert ask("analyse")["analyses"]["done"] == 0
    assert ask("analyse", "1", "--only", "preview", "--redo")["analyses"]["done"] == 1


def test_what_the_program_keeps_for_itself_is_no_media(samples: Path, tmp_path: Path) -> None:
    shutil.copy(samples / "balloon.jpg", tmp_path)
    keeps = {"MEDIA_ASSISTANT_HOME": str(tmp_path / "kept")}
    library = tmp_path / "mine.sqlite"
    for _ in range(2):
        document = ask("--library", library, "import", tmp_path, **keeps)
        assert document["failed"] == []
    assert list((tmp_path / "kept" / "cache").rglob("thumbnail*"))
    items = ask("--library", library, "list", **keeps)["items"]
    assert [item["title"] for item in items] == ["balloon"]


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_the_path_of_a_name_that_is_no_text_can_be_passed_back(tmp_path: Path) -> None:
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    file.write_text("The lighthouse keeper lights the lamp.")
    (item,) = ask("import", file, "--no-analyse")["added"]
    assert item["path"] == str(file)
    assert ask("show", item["path"])["id"] == item["id"]


def test_list(library: Path) -> None:
    items = ask("--library", library, "list")["items"]
    assert {item["kind"] for item in items} == {"video", "music", "text", "photo"}
    assert all(set(item) >= ITEM for item in items)
    assert len(ask("list", "--library", library, "--limit", "2")["items"]) == 2
    assert {item["kind"] for item in ask("--library", library, "list", "kind:text")["items"]} == {"text"}


def test_for_you_needs_no_words_and_takes_one(library: Path) -> None:
    page = ask("--library", library, "for-you")
    assert page["cold"] and page["rows"]
    first = page["rows"][0]["offers"][0]["item"]["id"]
    assert ask("--library", library, "for-you", "never", first)["word"] == "never"
    later = ask("--library", library, "for-you")
    assert first not in {offer["item"]["id"] for row in later["rows"] for offer in row["offers"]}


def test_the_language_of_the_search_box_is_that_of_the_command_line(library: Path) -> None:
    def kinds(query: str) -> set[str]:
        return {item["kind"] for item in ask("--library", library, "list", query)["items"]}

    assert kinds("(kind:text OR kind:photo) -kind:photo") == {"text"}
    assert kinds("NOT （类型：文本 或 类型：视频）") == {"music", "photo"}
    done = run("--library", library, "search", "lighthouse OR kind:novel （海 since:2024-02-30")
    assert done.stderr.splitlines()[1:3] == [
        "  lighthouse OR kind:novel （海 since:2024-02-30",
        "                ^^^^^^^^^^",
    ]
    # A full-width character is two cells wide.
    assert "                           ^^" in done.stderr.splitlines()
    assert "                                ^^^^^^^^^^^^^^^^" in done.stderr.splitlines()
    assert done.stdout
    assert "2024-02-30" not in done.stdout
    document = ask("--library", library, "search", "lighthouse kind:novel")
    assert document["hints"]
    assert set(document) == {"took_ms", "results", "more_below_cut", "more_fitting", "is_cut", "hints"}


def test_search_all_shows_what_lies_below_the_cut(library: Path) -> None:
    some = ask("--library", library, "search", "lighthouse stars")
    everything = ask("--library", library, "search", "lighthouse stars", "--all")
    assert some["more_below_cut"] > 0
    assert everything["more_below_cut"] == 0
    assert len(everything["results"]) == len(some["results"]) + some["more_below_cut"]
    assert some["more_fitting"] == 0
    few = run("--library", library, "search", "kind:text", "--limit", "1").stdout
    assert "more items fit; `--limit` shows more." in few or "1 more item fits; `--limit` shows more." in few
    assert "less well" not in few
    assert len(ask("--library", library, "search", "lighthouse stars", "--all", "--limit", "1")["results"]) == 1


def test_a_playlist_is_listed_as_a_collection_in_its_order(samples: Path, tmp_path: Path) -> None:
    names = ("night-sky.txt", "balloon.jpg")
    playlist = tmp_path / "夜 evening.m3u8"
    playlist.write_text("#EXTM3U\n" + "\n".join(str(samples / name) for name in names) + "\n", "utf-8")
    ask("import", playlist, samples / "journey.mp4", "--no-analyse")
    for query in ('collection:"夜 evening"', "合集：“夜 evening”"):
        assert [Path(item["path"]).name for item in ask("list", query)["items"]] == list(names)
    assert ask("list", 'collection:"夜 evening" kind:photo')["items"][0]["title"] == "balloon"


def test_show_by_id_and_by_path(library: Path, samples: Path) -> None:
    film = next(item for item in ask("--library", library, "list")["items"] if item["kind"] == "video")
    document = ask("--library", library, "show", str(film["id"]))
    assert document == ask("--library", library, "show", samples / "journey.mp4")
    assert set(document) >= ITEM | {"tags", "shots", "moments", "transcript", "traits", "analyses"}
    assert len(document["shots"]) >= 4
    assert all(shot["start_ms"] < shot["end_ms"] for shot in document["shots"])
    for moment in document["moments"]:
        assert set(moment) >= MOMENT | {"start_ms", "end_ms"}
    written = [moment for moment in document["moments"] if moment["sense"] == "written"]
    assert written
    assert all(len(moment["box"]) == 4 for moment in written)
    for tag in document["tags"]:
        assert set(tag) >= {"name", "score", "state", "source", "evidence"}
        assert set(tag["names"]) == {"en", "zh"}
    for analysis in document["analyses"]:
        assert set(analysis) == {"analyser", "model", "state", "error", "took_s"}
    assert "loudness_lufs" in document["traits"]


def test_a_text_has_pages_and_characters(library: Path, samples: Path) -> None:
    document = ask("--library", library, "show", samples / "lighthouse.md")
    passages = [moment for moment in document["moments"] if moment["text"]]
    assert passages
    for moment in passages:
        assert set(moment) >= MOMENT | {"page", "from", "to"}
        assert "start_ms" not in moment
    assert document["transcript"] is None


def test_search_in_both_languages(library: Path) -> None:
    for query in ("lighthouse", "灯塔"):
        document = ask("--library", library, "search", query)
        assert set(document) >= {"took_ms", "results", "more_below_cut"}
        titles = [Path(hit["item"]["path"]).stem for hit in document["results"]]
        assert {"lighthouse", "灯塔与大海"} <= set(titles), query
        for hit in document["results"]:
            assert set(hit) == {"item", "score", "moments"}


def test_what_a_bundle_is_tried_with_stands_inside_of_files(library: Path, samples: Path) -> None:
    tried = "".join(
        (ROOT / name).read_text("utf-8") for name in ("build/bundling/linux/smoke.sh", "build/bundling/make.py")
    )
    for words, name in (("telescope", "night-sky.txt"), ("礁石", "灯塔与大海.txt"), ("written:lake", "journey.mp4")):
        assert words in tried
        assert name in run("--library", library, "search", words).stdout, words
        assert not [file for file in samples.iterdir() if words.rpartition(":")[2] in file.name]


def test_a_typo_finds_with_the_one_network_that_the_program_brings(library: Path) -> None:
    """A single network is always of its own mind; that it has a vector for some letters makes no word of them."""
    ended = run("--library", library, "search", "lighthuose")
    assert "lighthouse" in ended.stdout + ended.stderr
    document = ask("--library", library, "search", "lighthuose")
    assert "lighthouse" in [Path(hit["item"]["path"]).stem for hit in document["results"]]


def test_similar_gives_true_reasons(library: Path, samples: Path, tmp_path: Path) -> None:
    document = ask("--library", library, "similar", samples / "bright-morning.flac")
    assert set(document) == {"took_ms", "examples", "results"}
    assert document["results"]
    for found in document["results"]:
        assert set(found) == {"item", "score", "reasons"}
        assert found["reasons"]
        assert all(set(reason) == {"text", "weight", "example", "evidence", "theirs"} for reason in found["reasons"])
    outside = tmp_path / "outside.txt"
    outside.write_text("The keeper of the lighthouse lights the lamp when the storm comes over the sea. " * 5)
    titles = [Path(hit["item"]["path"]).stem for hit in ask("--library", library, "similar", outside)["results"]]
    assert titles[0] in ("lighthouse", "灯塔与大海")


def test_the_moments_of_a_file_outside_are_of_its_own_kind_and_length(
    library: Path, samples: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "song.flac"
    outside.write_bytes((samples / "bright-morning.flac").read_bytes() + b"\0")
    found = {hit["item"]["title"]: hit for hit in ask("--library", library, "similar", outside)["results"]}
    length_ms, other = found["bright-morning"]["item"]["duration_ms"], found["evening-walk"]
    assert other["item"]["duration_ms"] > length_ms
    ours, theirs = (
        {moment["end_ms"] for reason in other["reasons"] for moment in reason[side]} for side in ("evidence", "theirs")
    )
    assert max(ours) == length_ms
    assert max(theirs) == other["item"]["duration_ms"]


def test_similar_takes_a_moment_several_examples_and_what_it_shall_not_be_like(library: Path, samples: Path) -> None:
    film, text, other = samples / "journey.mp4", samples / "lighthouse.md", samples / "灯塔与大海.txt"
    both = ask("--library", library, "similar", film, text, "--not", other)
    assert [example["sign"] for example in both["examples"]] == ["+", "+", "-"]
    assert not {str(film), str(text), str(other)} & {hit["item"]["path"] for hit in both["results"]}
    moment = ask("--library", library, "similar", film, "--at", "0:02", "--limit", "3")
    assert moment["examples"][0] | {"id": 0} == {
        "sign": "+",
        "id": 0,
        "path": str(film),
        "start_ms": 2000,
        "end_ms": 2000,
    }
    for hit in moment["results"]:
        for place in (each for reason in hit["reasons"] for each in reason["evidence"]):
            assert place["start_ms"] <= 4000 and place["end_ms"] >= 0
    for words in (["--at", "soon"], ["--at", "1", "--to", "2"], ["--from", "0:09", "--to", "0:03"]):
        run("--library", library, "similar", film, *words, status=2)
    run("--library", library, "similar", film, text, "--at", "1", status=2)


def test_tags_are_the_persons_word(samples: Path) -> None:
    ask("import", samples / "balloon.jpg", samples / "waves.ogg", "--no-analyse")
    document = ask("tag", "add", "1", "2", "holiday by the sea")
    assert [tag["name"] for each in document["items"] for tag in each["tags"]] == ["holiday by the sea"] * 2
    assert document["items"][0]["tags"][0]["state"] == "accepted"
    assert document["items"][0]["tags"][0]["source"] == "person"
    ask("tag", "reject", "2", "Holiday by the Sea")
    assert ask("show", "2")["tags"][0]["state"] == "rejected"
    ask("tag", "remove", "1", "holiday by the sea")
    assert "Nothing changed" in run("tag", "remove", "1", "holiday by the sea").stdout
    for what in ("remove", "accept", "reject"):
        assert ask("tag", what, "1", "holliday", status=1)["error"]["code"] == "cli.no_such_tag"
    assert ask("show", "1")["tags"] == []
    assert [item["id"] for item in ask("list", 'tag:"holiday by the sea"')["items"]] == []


def test_a_tag_is_meant_by_any_of_its_names(samples: Path) -> None:
    ask("import", samples / "balloon.jpg", "--no-analyse")
    for what, name, state in (("add", "狗", "accepted"), ("reject", "doggy", "rejected"), ("accept", "犬", "accepted")):
        (tag,) = ask("tag", what, "1", name)["items"][0]["tags"]
        assert (tag["name"], tag["names"]["zh"], tag["state"]) == ("dog", "狗", state)
    assert [item["id"] for item in ask("list", "tag:animal")["items"]] == [1]


def test_a_subtitle_beside_a_film_is_its_transcript(samples: Path, tmp_path: Path) -> None:
    film = shorten(samples / "journey.mp4", tmp_path / "film.mp4", 7.0)
    (tmp_path / "film.zh.srt").write_text(
        "1\n00:00:01,000 --> 00:00:03,000\n涨潮了\n\n2\n00:00:04,000 --> 00:00:06,500\n我们回家吧\n", "utf-8"
    )
    document = ask("transcribe", film)
    assert document["language"] == "zh"
    assert [(s["start_ms"], s["end_ms"], s["text"]) for s in document["segments"]] == [
        (1000, 3000, "涨潮了"),
        (4000, 6500, "我们回家吧"),
    ]
    assert ask("list")["items"] == []
    ask("import", tmp_path)
    assert ask("show", film)["transcript"]["segments"] == document["segments"]
    assert ask("search", "涨潮")["results"][0]["moments"][0]["start_ms"] == 1000
    out = tmp_path / "out.srt"
    assert ask("transcribe", film, "--output", out) == document
    assert out.read_text("utf-8").startswith("1\n00:00:01,000 --> 00:00:03,000\n涨潮了\n")
    assert run("transcribe", film, "--to", "lrc").stdout.startswith("[00:01.00]涨潮了")


def test_a_subtitle_file_of_the_persons_own_is_not_written_over(samples: Path, tmp_path: Path) -> None:
    film, out = shorten(samples / "journey.mp4", tmp_path / "film.mp4", 7.0), tmp_path / "film.srt"
    own = tmp_path / "film.zh.srt"
    own.write_text("1\n00:00:01,000 --> 00:00:03,000\n涨潮了\n", "utf-8")
    before = own.read_bytes()
    ask("import", film, "--no-analyse")
    refused = ask("transcribe", film, "--output", own, status=1)["error"]
    assert refused["code"] == "cli.is_subtitle" and own.read_bytes() == before
    for _ in range(2):
        run("transcribe", film, "--language", "zh", "--output", out)
    out.write_text(out.read_text("utf-8").replace("涨潮了", "退潮了"), "utf-8")
    assert ask("transcribe", film, "--output", out, status=1)["error"]["code"] == "cli.is_subtitle"
    assert "退潮了" in out.read_text("utf-8")


def test_beside_a_film_in_no_library_the_same_is_written_again_and_nothing_else(samples: Path, tmp_path: Path) -> None:
    film, out = shorten(samples / "journey.mp4", tmp_path / "film.mp4", 7.0), tmp_path / "film.srt"
    (tmp_path / "film.zh.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:03.000\n涨潮了\n", "utf-8")
    for _ in range(2):
        run("transcribe", film, "--language", "zh", "--output", out)
    out.write_text(out.read_text("utf-8") + "\n2\n00:00:04,000 --> 00:00:05,000\nmine\n", "utf-8")
    before = out.read_bytes()
    own = tmp_path / "film.zh.vtt"
    refused = ask("transcribe", film, "--output", own, "--to", "srt", status=1)
    assert refused["error"]["code"] == "cli.is_subtitle" and out.read_bytes() == before
    assert refused["segments"][0]["text"] == "涨潮了", "what took long is not lost"
    assert "涨潮了" in run("transcribe", film, "--output", own, "--to", "srt", status=1).stdout


def test_subtitles_in_two_languages_are_two_transcripts(samples: Path, tmp_path: Path) -> None:
    film = shorten(samples / "journey.mp4", tmp_path / "film.mp4", 7.0)
    row = "1\n00:00:01,000 --> 00:00:03,000\n{}\n\n2\n00:00:04,000 --> 00:00:06,500\n{}\n"
    (tmp_path / "film.en.srt").write_text(row.format("The tide is coming in", "Let us go home"), "utf-8")
    (tmp_path / "film.zh.srt").write_text(row.format("涨潮了", "我们回家吧"), "utf-8")
    for words, texts in (
        ((), ["The tide is coming in", "Let us go home"]),
        (("--language", "zh"), ["涨潮了", "我们回家吧"]),
    ):
        assert [each["text"] for each in ask("transcribe", film, *words)["segments"]] == texts


def test_jobs_and_models(samples: Path) -> None:
    assert ask("jobs")["counts"]["waiting"] == 0
    ask("jobs", "pause")
    assert ask("jobs")["paused"] is True
    for words in (("import", samples / "night-sky.txt"), ("import", samples / "lighthouse.md"), ("analyse",)):
        stopped = run(*words, "--json")
        document = json.loads(stopped.stdout)
        assert document["analyses"] == {"done": 0, "failed": 0}
        assert document["paused"] and document["waiting"] > 0
        assert "jobs resume" in stopped.stderr, words
    assert ask("jobs")["counts"]["waiting"] == document["waiting"]
    ask("jobs", "resume")
    with closing(Library.open(find_paths().library)) as library:
        held = library.jobs()[0]
        library.hold_jobs(held.item_id, Stage.UNDERSTAND, is_held=True)
    ended = run("analyse", "--json")
    document = json.loads(ended.stdout)
    assert document["analyses"]["done"] > 0
    assert (document["paused"], document["waiting"]) == (False, 0) and document["held"] > 0
    assert "held back" in ended.stderr
    states = ask("models", "list")
    assert isinstance(states, list)
    for state in states:
        assert set(state) == {"id", "task", "state", "size_bytes", "licence", "why"}
        assert state["state"] in ("ready", "available", "broken")
    ready = [state["id"] for state in states if state["state"] == "ready"]
    assert ready
    assert {state["state"] for state in ask("models", "verify")} == {"ready"}


def test_advice_by_what_was_measured_on_this_computer(samples: Path) -> None:
    from media_assistant.items.advice import Machine, Measured, Part, Rate
    from media_assistant.workflows.models.machine import machine_key, save_machine

    ask("import", samples / "balloon.jpg", "--no-analyse")
    ids = {"clip-vit-b-32-en": 0.02, "siglip2-b-16": 0.5, "clip-xlm-roberta-h-14": 9.0}
    models = {
        name: Measured(
            name, "image-text-embedding", "", {Part.PHOTO: Rate(0.01, seconds, fixed_s=0.01)}, is_derived=True
        )
        for name, seconds in ids.items()
    }
    machine = Machine("2026-07-12T10:00:00", "Some processor", 8, 8, 16_000, models=models)
    save_machine(find_paths().config, machine_key(whole_machine=True), machine)
    lines = {line["id"]: line for line in ask("models", "advise")}
    assert {"id", "task", "state", "size_bytes", "licence", "why"} <= set(lines["bge-m3"])
    best = lines["siglip2-b-16"]
    assert best["recommended"]
    assert not lines["clip-xlm-roberta-h-14"]["recommended"]
    assert best["why"].startswith("siglip2-b-16: about 1 to 5 seconds for 1 photo; ")
    assert 0.5 < best["took_s"] < 1
    assert best["derived"]
    assert best["lacking"]["photos"] == 1
    assert 0.5 < best["per"]["photo_s"] < 1
    assert best["measured_at"] == "2026-07-12T10:00:00"
    assert lines["bge-m3"]["took_s"] is None
    text = run("models", "advise").stdout
    assert "→  siglip2-b-16" in text
    assert "(estimated)" in text
    for words in (["--seconds", "0"], ["--seconds", "9999"]):
        run("models", "advise", *words, status=2)


def test_a_fault_is_one_sentence_and_one_document(samples: Path, tmp_path: Path) -> None:
    done = run("show", "77", "--json", status=1)
    assert json.loads(done.stdout)["error"]["code"] == "cli.no_such_item"
    assert done.stderr.strip().count("\n") == 0
    assert "Traceback" not in done.stderr
    (tmp_path / "notes.txt").write_text("hello there, this is a text")
    assert ask("transcribe", tmp_path / "notes.txt", status=1)["error"]["code"] == "workflows.nothing_to_hear"
    for model, code in (("whisper-tinny", "model.unknown"), ("text-en-zh-small", "model.other_task")):
        words = ("transcribe", samples / "waves.ogg", "--model", model)
        assert ask(*words, status=1)["error"]["code"] == code
    assert ask("models", "install", "no-such-model", status=1)["error"]["code"] == "model.unknown"
    (tmp_path / "broken.sqlite").write_bytes(b"this is no library at all" * 100)
    assert ask("--library", tmp_path / "broken.sqlite", "list", status=1)["error"]["message"]


def test_a_path_that_cannot_even_be_looked_at_is_no_fault_of_ours(samples: Path) -> None:
    """As in a folder that one may not enter."""
    long = "x" * 300
    expected = {
        ("transcribe", long): "cli.no_such_item",
        ("similar", long): "cli.no_such_item",
        ("restore", long): "cli.no_such_path",
        ("models", "install", long): "model.unknown",
        ("train", "--install", long): "training.pack_not_one",
        ("missing", "gone", long): "cli.no_question",
    }
    assert {words: ask(*words, status=1)["error"]["code"] for words in expected} == expected
    assert ask("import", long)["failed"][0]["path"].endswith(long)
    assert ask("missing", "find", long) == ask("missing", "find", "nowhere")
    states = ask("models", MEDIA_ASSISTANT_MODELS=long)
    assert [state["id"] for state in states if state["state"] == "ready"]


def test_a_number_or_a_day_that_is_out_of_all_bounds_is_as_one_that_is_not_there(samples: Path) -> None:
    ask("import", samples / "balloon.jpg", "--no-analyse")
    huge = "9" * 30
    assert ask("undo", huge, status=1)["error"]["code"] == "library.step_gone"
    assert len(ask("history", "--limit", huge)["steps"]) == 1
    assert len(ask("list", "--limit", huge)["items"]) == 1
    for day in ("9999-12-31", "0001-01-01"):
        assert ask("forget", day, status=1)["error"]["code"] == "cli.no_such_time"
    run("history", "--limit", "many", status=2)


def test_a_home_that_nobody_has_is_said(tmp_path: Path) -> None:
    for words in (["list"], []):
        done = run("--library", "~nobody-of-this-name/x.sqlite", *words, status=2)
        assert "~nobody-of-this-name" in done.stderr and "Traceback" not in done.stderr
    assert ask("missing", "gone", "~nobody-of-this-name", status=1)["error"]["code"] == "cli.no_question"


def test_what_came_of_a_download_that_was_given_up_is_removed_like_a_model(home: Path) -> None:
    parts = home / "data" / "models" / ".arriving" / "siglip2-b-16.parts"
    parts.mkdir(parents=True)
    (parts / "weights").write_bytes(b"half")
    ask("models", "remove", "siglip2-b-16")
    assert not parts.exists()
    assert ask("models", "remove", "siglip2-b-16", status=1)["error"]["code"] == "model.unknown"


def test_wrong_usage_is_2(samples: Path) -> None:
    for words in (["fly"], ["import"], ["search", " "], ["tag", "paint", "1", "x"], ["analyse", "--only", "magic"]):
        assert ask(*words, status=2)["error"]["code"] == "usage"
    assert "usage" in run("fly", status=2).stderr
    assert run("--help").stdout.startswith("usage")


def test_where_nothing_can_be_written_to_it_still_does_its_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program with a window on Windows has no output at all, and no number for one."""
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)

    def refuse(file: object, *how: object, **more: object) -> IO[str]:
        if isinstance(file, int):
            raise OSError(9, "Bad file descriptor")
        return open(file, *how, **more)

    monkeypatch.setattr(main, "open", refuse, raising=False)
    main._open_missing_streams()
    streams = sys.stdout, sys.stderr
    main._print("said to nobody")
    assert [stream.name for stream in streams] == [os.devnull] * 2
    for stream in streams:
        stream.close()


def test_our_bug_is_3_with_a_report(samples: Path, home: Path) -> None:
    (home / "broken").mkdir()
    (home / "broken" / "sitecustomize.py").write_text(
        "import media_assistant.cli.verbs as v\n"
        "def burst(desk): raise RuntimeError('a fault of our own')\n"
        "v.VERBS['list'] = v.Verb(burst)\n"
    )
    environment = {"PYTHONPATH": os.pathsep.join([str(home / "broken"), str(ROOT)])}
    done = run("list", "--json", status=3, **environment)
    assert json.loads(done.stdout)["error"]["code"] == "bug"
    (report,) = (home / "logs").glob("report-*.txt")
    assert str(report) in done.stderr
    assert "a fault of our own" in report.read_text("utf-8")


def test_settings_that_cannot_be_read_are_told_of_and_left_alone(samples: Path, home: Path) -> None:
    file = home / "config" / "settings.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"language": "en",}')
    done = run("list", "--json")
    assert str(file) in done.stderr and json.loads(done.stdout) is not None
    assert file.read_text() == '{"language": "en",}' and list(file.parent.iterdir()) == [file]


def test_speaks_chinese_too(samples: Path, home: Path) -> None:
    (home / "config").mkdir(parents=True)
    (home / "config" / "settings.json").write_text('{"language": "zh_CN"}')
    run("import", samples / "balloon.jpg", "--no-analyse")
    assert "照片" in run("list").stdout
    assert "没有项目" in run("show", "99", status=1).stderr


def test_reading_works_beside_a_program_that_writes(samples: Path) -> None:

    ask("import", samples / "balloon.jpg", "--no-analyse")
    claim = claim_library(find_paths().library)
    try:
        assert len(ask("list")["items"]) == 1
        assert ask("search", "balloon")["results"]
        for words in (("tag", "add", "1", "x"), ("duplicates", "keep", "1"), ("duplicates", "different", "1", "1")):
            assert ask(*words, status=1)["error"]["code"] == "jobs.library_in_use", words
        assert ask("duplicates")["groups"] == []
    finally:
        claim.release()


def test_what_writes_waits_for_a_command_that_is_about_to_end(samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from media_assistant.cli import main as program

    ask("import", samples / "balloon.jpg", "--no-analyse")
    claim = claim_library(find_paths().library)
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        claim.release()  # the other one ends meanwhile

    monkeypatch.setattr(program, "time", SimpleNamespace(monotonic=lambda: 0.0, sleep=nap))
    assert program.main(["tag", "add", "1", "x", "--quiet"]) == 0
    assert len(naps) == 1
    assert [tag["name"] for tag in ask("show", "1")["tags"]] == ["x"]


def test_the_queue_is_paused_while_another_program_works_it(samples: Path, home: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "media_assistant", "import", str(samples), "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as program:
        wait_for(lambda: has_items(home / "data" / "library.sqlite"))
        paused = ask("jobs", "pause")
        assert paused["paused"] and program.poll() is None
        out, told = program.communicate(timeout=60)
    document = json.loads(out)
    assert program.returncode == 0 and document["paused"] and document["waiting"] > 0
    assert "jobs resume" in told
    assert ask("jobs")["counts"]["waiting"] > 0


def test_the_queue_goes_on_while_another_program_has_it(samples: Path) -> None:
    ask("jobs", "pause")
    assistant = open_assistant(settings=BRISK, is_foreground=True)
    try:
        assistant.import_paths([samples / "night-sky.txt"]).result(60)
        assert assistant.when_idle().result(60).is_paused
        assert ask("jobs", "resume")["paused"] is False
        wait_for(lambda: not assistant.library.job_counts().waiting)
        assert assistant.when_idle().result(60).done > 0
    finally:
        assistant.close()
    assert ask("jobs", "retry", "99", status=1)["error"]["code"] == "cli.no_such_item"


def test_what_only_reads_keeps_nobody_out(samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`transcribe` listens for an hour; meanwhile files are brought in, and the window opens."""
    from media_assistant.cli import main as program
    from media_assistant.cli.verbs import VERBS

    film = shorten(samples / "journey.mp4", tmp_path / "film.mp4", 7.0)
    (tmp_path / "film.zh.srt").write_text("1\n00:00:01,000 --> 00:00:03,000\n涨潮了\n", "utf-8")
    assert ask("list") == {"items": []}, "a library that is not there yet is made"
    (item,) = ask("import", film, "--no-analyse")["added"]
    seen: list[str] = []
    open_before = program._open

    def held(*asked: Any) -> Any:
        opened = open_before(*asked)
        claim_library(find_paths().library).release()
        seen.append(asked[2].run.__name__)
        return opened

    monkeypatch.setattr(program, "_open", held)
    mixing = ("mix", "--seed", str(item["id"]))
    for words in (
        ("list",),
        ("show", "1"),
        ("search", "sea"),
        ("transcribe", str(film), "--output", str(tmp_path / "o.srt")),
        ("jobs",),
        ("jobs", "pause"),
        ("jobs", "resume"),
        ("models",),
        ("history",),
        ("export", str(tmp_path / "export")),
        ("groups",),
        ("backup",),
    ):
        assert program.main([*words, "--quiet"]) == 0
        beside = {file.name for file in find_paths().library.parent.glob("library.sqlite*")}
        beside -= {"library.sqlite.backups"}
        assert beside == {"library.sqlite", "library.sqlite.lock"}, "it is one file again"
    assert program.main([*mixing, "--quiet"]) == 1  # nothing is known of it yet
    looked = [
        "list_items",
        "show",
        "search",
        "transcribe",
        *["jobs"] * 3,
        "models",
        "history",
        "export",
        "groups",
        "back_up",
    ]
    assert seen == [*looked, "mix"]
    assert {name for name, verb in VERBS.items() if verb.reads and verb.writes is True} == set()
    with closing(Library.open(find_paths().library)) as library:
        assert [file.path.name for file in library.written_for(item["id"])] == ["o.srt"], "what it wrote is known"


def has_items(library: Path) -> bool:
    if not library.exists():
        return False
    with closing(sqlite3.connect(library)) as connection:
        try:
            return bool(connection.execute("SELECT count(*) FROM items").fetchone()[0])
        except sqlite3.OperationalError:  # its tables are being made
            return False


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_interrupted_keeps_what_is_committed(samples: Path, home: Path, tmp_path: Path) -> None:
    media = make_media(samples, tmp_path / "media")
    save(BRISK, find_paths().config / "settings.json")
    with subprocess.Popen(
        [sys.executable, "-m", "media_assistant", "import", str(media), "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        library = home / "data" / "library.sqlite"
        end = time.monotonic() + 60
        while not has_items(library) and time.monotonic() < end:
            time.sleep(0.02)
        program.send_signal(signal.SIGINT)
        out, _ = program.communicate(timeout=60)
    assert program.returncode in (0, 130)
    if program.returncode == 130:
        assert json.loads(out)["error"]["code"] == "interrupted"
    assert ask("list")["items"]
    assert ask("analyse")["analyses"]["failed"] == 0
    assert ask("jobs")["counts"]["waiting"] == 0


def test_progress_goes_to_standard_error_and_quiet_is_quiet(samples: Path) -> None:
    done = run("import", samples / "night-sky.txt")
    assert "\r" not in done.stderr
    assert run("--quiet", "import", samples / "waves.ogg").stderr == ""


@pytest.mark.skipif(sys.platform == "win32", reason="pipes that end otherwise")
def test_where_nobody_reads_what_it_says_the_work_is_done_and_the_status_is_true(samples: Path) -> None:
    def status(*words: str | Path) -> int:
        reading, writing = os.pipe()
        os.close(reading)
        with open(writing, "wb") as nowhere:
            command = [sys.executable, "-m", "media_assistant", *map(str, words)]
            done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=nowhere, check=False)
        return done.returncode

    assert status("import", samples / "night-sky.txt", samples / "lighthouse.md") == 0
    assert [item["state"] for item in ask("list")["items"]] == ["ready"] * 2
    assert ask("jobs")["counts"]["failed"] == 0
    assert status("show", "77") == 1
    assert status("fly") == 2
    assert status("search", "stars kind:novel") == 0


def test_a_library_goes_out_in_open_formats_and_comes_back(library: Path, tmp_path: Path) -> None:
    folder, new = tmp_path / "export", tmp_path / "new.sqlite"
    document = ask("--library", library, "export", folder)
    items = ask("--library", library, "list")["items"]
    assert document == {
        "folder": str(folder),
        "items": len(items),
        "lines": document["lines"],
        "sidecars": document["sidecars"],
        "nameless": 0,
    }
    assert document["lines"] > len(items) and document["sidecars"] >= 2 * len(items)
    assert ask("--library", new, "restore", folder) == {
        "library": str(new),
        "items": len(items),
        "missing": 0,
        "found": 0,
    }
    again = ask("--library", new, "list")["items"]
    assert {item.pop("state") for item in again} <= {"new", "waiting"}, "what an export leaves out is to be found again"
    assert again == [{name: value for name, value in item.items() if name != "state"} for item in items]
    assert ask("--library", new, "check")["ok"]
    refused = ask("--library", new, "restore", folder, status=1)["error"]
    assert refused["code"] == "workflows.rebuild_not_empty"
    assert str(new) in run("--library", new, "restore", folder, status=1).stderr
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    refused = ask("--library", library, "export", tmp_path / "mine", status=1)["error"]
    assert refused["code"] == "workflows.export_foreign" and "letter.txt" in refused["message"]
    assert ask("--library", new, "restore", tmp_path / "none", status=1)["error"]["code"] == "cli.no_such_path"
    ask("--library", new, "export", status=2)
    claim = claim_library(new)
    assert ask("--library", new, "export", tmp_path / "beside")["items"] == len(items), "beside an open window"
    assert ask("--library", new, "restore", folder, status=1)["error"]["code"] == "jobs.library_in_use"
    claim.release()


def test_who_only_reads_makes_no_library_where_one_was_moved_away_meanwhile(tmp_path: Path) -> None:
    from media_assistant.cli import main as program
    from media_assistant.library.library import Library
    from media_assistant.workflows.transcripts.saving_transcripts import remember_saved

    folder, written = tmp_path / "mine", tmp_path / "film.srt"
    written.write_text("1\n00:00:01,000 --> 00:00:02,000\nthe tide\n", "utf-8")
    Library.open(folder / "library.sqlite").close()
    library = Library.open(folder / "library.sqlite", read_only=True)
    folder.rename(tmp_path / "elsewhere")
    remember_saved(library, 1, written, [])
    program._leave_one_file(library.file)
    assert not folder.exists()
    library.close()
