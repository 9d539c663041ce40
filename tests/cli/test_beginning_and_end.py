"""How a command begins and how it ends: whom it keeps out of the library, what it waits for, what it leaves on a terminal."""

from __future__ import annotations

import io
import json
import shutil
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from media_assistant.assistant import Assistant
from media_assistant.cli import main as program
from media_assistant.cli import upkeep, verbs
from media_assistant.cli.desk import Desk, Said
from media_assistant.cli.main import main
from media_assistant.errors import Cancelled
from media_assistant.jobs.claim import claim_library
from media_assistant.library import lean_copy
from media_assistant.library.library import Library
from media_assistant.paths import find_paths
from tests.library.make_filled import DATA
from tests.library.making import new_item
from tests.workflows.engine import wait_for


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("there", ["", "library-v5.sqlite"])
def test_a_library_that_reading_makes_or_brings_up_to_date_is_not_kept_from_anybody(
    there: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = find_paths().library
    if there:
        library.parent.mkdir(parents=True)
        shutil.copy(DATA / there, library)
    plain = verbs.VERBS["list"]

    def look(desk: Desk) -> Said:
        claim_library(library).release()
        return plain.run(desk)

    monkeypatch.setitem(verbs.VERBS, "list", replace(plain, run=look))
    assert main(["list", "--quiet"]) == 0
    assert {file.name for file in library.parent.glob("library.sqlite*") if file.is_file()} == {
        "library.sqlite",
        "library.sqlite.lock",
    }


def test_restoring_waits_for_a_command_that_is_about_to_end(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Library.open(find_paths().library)) as library:
        library.add_items([new_item(1)])
    assert main(["backup", "--quiet"]) == 0
    (made,) = find_paths().backups.iterdir()
    claim = claim_library(find_paths().library)
    ends = SimpleNamespace(monotonic=lambda: 0.0, sleep=lambda _s: claim.release())
    monkeypatch.setattr(program, "time", ends)
    assert main(["restore", str(made), "--quiet"]) == 0


def test_who_interrupts_a_backup_waits_for_no_copy(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Library.open(find_paths().library)) as library:
        library.add_items([new_item(1)])
    begun, stopped = threading.Event(), threading.Event()

    def copy(_source: object, _target: Path, *, should_stop: Callable[[], bool], **_options: object) -> None:
        begun.set()
        wait_for(should_stop)
        stopped.set()
        raise Cancelled

    def interrupt(_future: Future[Any]) -> None:
        assert begun.wait(60)
        raise KeyboardInterrupt

    monkeypatch.setattr(lean_copy, "write", copy)
    monkeypatch.setattr(upkeep, "wait", interrupt)
    assert main(["backup", "--quiet"]) == program.INTERRUPTED
    assert stopped.is_set()
    assert not list(find_paths().backups.iterdir())


def test_who_interrupts_an_answer_sees_no_fault_of_ours(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_text: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(program, "_print", interrupt)
    with (tmp_path / "out").open("w", encoding="utf-8") as out:
        monkeypatch.setattr(sys, "stdout", out)
        assert main(["list", "--quiet"]) == program.INTERRUPTED


def test_no_name_at_all_is_not_the_folder_one_is_in(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """`import "$FILMS"`, where that is not set."""
    (tmp_path / "letter.txt").write_text("Dear Ada, the tide is coming in.")
    monkeypatch.chdir(tmp_path)
    for words in (
        ("import", "", "--no-analyse"),
        ("export", ""),
        ("restore", ""),
        ("missing", "find", ""),
        ("transcribe", "letter.txt", "--output", ""),
        ("mix", "--seed", "1", "--out", ""),
    ):
        assert main([*words, "--json"]) == program.WRONG_USAGE, words
        assert json.loads(capfd.readouterr().out)["error"]["code"] == "usage"
    assert [file.name for file in tmp_path.iterdir()] == ["letter.txt"]


def test_help_is_said_in_a_language_that_the_terminal_does_not_know(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "config").mkdir(parents=True)
    (home / "config" / "settings.json").write_text('{"language": "zh_CN"}')
    for words in (["--help"], ["import", "--help"]):
        shown = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(shown, encoding="ascii"))
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 0
        said = shown.getvalue().decode("utf-8")
        assert said.startswith("usage") and any("\u4e00" <= letter <= "\u9fff" for letter in said)


def test_who_brings_files_in_without_analysing_starts_no_analysis(
    home: Path, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor what waits from before."""
    works: list[bool] = []
    plain = Assistant.open

    def opened(*asked: Any, **options: Any) -> Assistant:
        works.append(options["works"])
        return plain(*asked, **options)

    monkeypatch.setattr(Assistant, "open", opened)
    for file in ("night-sky.txt", "lighthouse.md"):
        assert main(["import", str(samples / file), "--no-analyse", "--quiet"]) == 0
    assert works == [False, False]


def test_why_not_all_was_done_stands_on_a_line_of_its_own(
    home: Path, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["jobs", "pause", "--quiet"]) == 0
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main(["import", str(samples / "night-sky.txt")]) == 0
    before, _, _ = terminal.getvalue().partition("Analysing is paused")
    assert before.endswith("\r\x1b[2K") and "night-sky" in before
