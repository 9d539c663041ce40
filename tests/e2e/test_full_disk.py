"""Disks that fill up or go away in the middle, as small ones made for it: one sentence, nothing half, and on it goes."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from media_assistant.assistant import Assistant
from media_assistant.errors import UserFixable
from media_assistant.paths import Paths
from media_assistant.settings import Settings, load
from tests.e2e.odd_files import photo, song
from tests.e2e.test_bad_places import ask

pytestmark = [pytest.mark.timeout(300), pytest.mark.skipif(sys.platform != "linux", reason="disks in memory")]

Disk = Callable[[str], Path]


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def resize(disk: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)


def fill(disk: Path) -> Path:
    """Nothing more goes onto this disk."""
    filler = disk / "filler"
    with filler.open("wb") as out:
        out.write(bytes(max(0, shutil.disk_usage(disk).free)))
    return filler


def leftovers(folder: Path) -> list[Path]:
    """Files that were to become others."""
    odd = (".tmp", ".partial", ".copy", ".restoring", ".rebuilding")
    return [each for each in folder.rglob("*") if any(mark in each.suffix for mark in odd)]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Makes a disk of a size, such as `400k`."""
    made: list[Path] = []

    def make(size: str) -> Path:
        place = tmp_path / f"disk {len(made)}"
        place.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], check=False)
        if done.returncode:
            pytest.skip("no disk can be made here")
        made.append(place)
        return place

    yield make
    for place in made:
        subprocess.run(["umount", "-l", place], check=False, capture_output=True)


@pytest.mark.parametrize(("size", "language"), [("800k", "en"), ("40m", "zh_CN")])
def test_promise_10_a_disk_that_fills_up_while_files_are_understood(
    disk: Disk, tmp_path: Path, samples: Path, size: str, language: str
) -> None:
    """In the library, in the previews, or (40 MB) in the scratch of a worker: what came in before stays and is done later."""
    home, files = disk(size), tmp_path / "files"
    files.mkdir()
    if size == "40m":
        shutil.copy(samples / "night-sky.txt", files)
    else:
        for number in range(8):
            photo(files / f"{number}.jpg", number, (1200, 900))
    (home / "config").mkdir()
    (home / "config" / "settings.json").write_text(json.dumps({"language": language}))
    environment = {"MEDIA_ASSISTANT_HOME": str(home)}
    said = ask("import", files, status=1, environment=environment)["error"]
    where = {"jobs.no_room"} if size == "40m" else {"library.disk_full", "workflows.cache_not_written"}
    assert said["code"] in where
    assert is_chinese(said["message"]) is (language == "zh_CN")
    assert not leftovers(home)
    resize(home, "400m")
    ask("import", files, environment=environment)
    with sqlite3.connect(home / "data" / "library.sqlite") as library:
        assert library.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert library.execute("SELECT count(*) FROM items").fetchall() == [(len(list(files.iterdir())),)]
        assert library.execute("SELECT DISTINCT state FROM jobs").fetchall() == [("done",)], "a full disk fails no file"
    library.close()


def test_promise_10_settings_on_a_full_disk_hold_and_say_that_they_are_not_kept(disk: Disk, home: Path) -> None:
    place = disk("64k")
    file = place / "settings.json"
    paths = Paths(home / "data", home / "cache", place, home / "logs", home / "data" / "library.sqlite")
    assistant = Assistant.open(paths, Settings(), works=False)
    try:
        assistant.set_settings(Settings(language="zh_CN")).result(30)
        filler = fill(place)
        with pytest.raises(UserFixable) as fault:
            assistant.set_settings(Settings(language="en", workers=2)).result(30)
        assert fault.value.code == "workflows.settings_not_kept"
        for language, is_so in (("en", False), ("zh_CN", True)):
            assistant.settings = assistant.settings._replace(language=language)
            sentence = assistant.say("error.workflows.settings_not_kept", **fault.value.parameters)
            assert is_chinese(sentence) is is_so
        assert assistant.settings.workers == 2, "they hold until the program ends"
        assert load(file) == Settings(language="zh_CN"), "what was kept is still whole"
        assert not leftovers(place)
        filler.unlink()
        assistant.set_settings(assistant.settings).result(30)
        assert load(file) == assistant.settings
    finally:
        assistant.close()


def test_promise_10_a_transcript_and_an_export_onto_a_full_disk(
    disk: Disk, material: Path, tmp_path: Path, home: Path
) -> None:
    place = disk("64k")
    fill(place)
    environment = {"MEDIA_ASSISTANT_MODELS": str(material / "models")}
    words = material / "media" / "digits" / "george_00.wav"
    said = ask("transcribe", words, "--output", place / "words.srt", status=1, environment=environment)["error"]
    assert said["code"] in {"cli.not_written", "workflows.not_written"} or "words.srt" in said["message"]
    ask("import", photo(tmp_path / "one.jpg"), "--no-analyse")
    said = ask("export", place / "export", status=1)["error"]
    assert said["code"] == "workflows.export_not_written"
    assert [each.name for each in place.iterdir()] == ["filler"]


def test_promise_10_a_library_whose_drive_goes_away_takes_no_edit_that_would_be_lost(
    disk: Disk, tmp_path: Path
) -> None:
    """Let go of while it is open, what is written would go where nobody ever finds it."""
    place = disk("64m")
    paths = Paths(*(place / name for name in ("data", "cache", "config", "logs")), place / "data" / "library.sqlite")
    assistant = Assistant.open(paths, Settings(), works=False)
    try:
        (item_id,) = assistant.import_paths([song(tmp_path / "song.wav", 1)]).result(60).added
        assistant.add_tag([item_id], "kept").result(30)
        subprocess.run(["umount", "-l", place], check=True)
        with pytest.raises(UserFixable) as fault:
            assistant.add_tag([item_id], "lost").result(30)
        assert fault.value.code == "library.vanished"
        assert "library.sqlite" in assistant.say("error.library.vanished", **fault.value.parameters)
        with pytest.raises(UserFixable) as fault:
            assistant.library.details(item_id)
        assert fault.value.code == "library.cannot_open"
    finally:
        assistant.close()
    assert os.listdir(place) == [], "nothing was made in its place"
