"""What `transcribe --output` writes, and what it never writes over. What is said is in the library: nobody has to listen."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from media_assistant.cli.main import main
from media_assistant.items.findings import Finding
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import TimeSpan
from media_assistant.jobs.claim import claim_library
from media_assistant.library.library import Library
from media_assistant.paths import find_paths
from media_assistant.workflows.intake.importing import import_paths

SRT = "1\n00:00:00,000 --> 00:00:01,000\n{}\n"


def said(start_ms: int, end_ms: int, text: str) -> Moment:
    return Moment(TimeSpan(start_ms, end_ms), Sense.SAID, Layer.LINE, text=text, language="en")


def known(*files: Path, lines: tuple[Moment, ...] = (said(0, 1000, "the tide"), said(2000, 3000, "turns"))) -> int:
    """The item that these files are, with what was heard in it."""
    with closing(Library.open(find_paths().library)) as library:
        report = import_paths(library, files, plan=None, tell=lambda _changes: None)
        (item_id,) = report.added
        found: list[Finding] = list(lines)
        library.save_findings(item_id, "speech", 1, "net", "", found, is_first_chunk=True)
        library.finish_analysis(item_id, "speech", 1)
    return int(item_id)


def transcribe(film: Path, output: Path, *words: str) -> int:
    return main(["--quiet", "transcribe", str(film), "--output", str(output), *words])


@pytest.fixture
def sound(home: Path, samples: Path, tmp_path: Path) -> Path:
    (tmp_path / "a").mkdir()
    return Path(shutil.copy(samples / "waves.ogg", tmp_path / "a" / "waves.ogg"))


def test_promise_1_subtitles_beside_a_copy_are_the_persons_too(sound: Path, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    copy = Path(shutil.copy(sound, tmp_path / "b" / "waves.ogg"))
    known(sound, copy)
    for place in (sound, copy):
        own = place.with_suffix(".srt")
        own.write_text(SRT.format("my own words"), "utf-8")
    for named in (sound, copy):
        for place in (sound, copy):
            own = place.with_suffix(".srt")
            assert transcribe(named, own) == 1
            assert own.read_text("utf-8") == SRT.format("my own words")


def test_promise_1_an_original_is_known_by_another_name_too(sound: Path) -> None:
    """As a disk has it that does not tell capitals apart: two names, one file."""
    letter, other = sound.with_name("Letter.txt"), sound.with_name("letter 2.txt")
    letter.write_text("Dear Ada, the tide is coming in.", "utf-8")
    known(sound)
    with closing(Library.open(find_paths().library)) as library:
        import_paths(library, [letter], plan=None, tell=lambda _changes: None)
    os.link(letter, other)
    assert transcribe(sound, other) == 1
    assert other.read_text("utf-8") == letter.read_text("utf-8") == "Dear Ada, the tide is coming in."


def test_what_was_written_beside_an_open_window_is_known(sound: Path) -> None:
    item_id, written = known(sound), sound.with_suffix(".srt")
    claim = claim_library(find_paths().library)
    try:
        for _ in range(2):
            assert transcribe(sound, written) == 0
    finally:
        claim.release()
    with closing(Library.open(find_paths().library)) as library:
        assert [file.path for file in library.written_for(item_id)] == [written]


def test_the_way_in_which_a_file_is_named_makes_it_nobody_elses(
    sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    item_id = known(sound)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    for _ in range(2):
        assert transcribe(sound, Path("..", "a", "waves.srt")) == 0
    with closing(Library.open(find_paths().library)) as library:
        assert [file.path for file in library.written_for(item_id)] == [sound.with_suffix(".srt")]


def test_words_without_times_are_written_as_text_alone(sound: Path, capfd: pytest.CaptureFixture[str]) -> None:
    known(sound, lines=(said(0, 8000, "the tide"), said(0, 8000, "turns")))
    for ending in ("srt", "vtt", "lrc", "json"):
        assert transcribe(sound, sound.with_suffix(f".{ending}")) == 1
        assert main(["transcribe", str(sound), "--to", ending, "--json"]) == 1
        document: Any = json.loads(capfd.readouterr().out.splitlines()[-1])
        assert document["error"]["code"] == "workflows.no_times"
    assert os.listdir(sound.parent) == [sound.name]
    assert transcribe(sound, sound.with_suffix(".txt")) == 0
    assert sound.with_suffix(".txt").read_text("utf-8") == "the tide\nturns\n"
