"""`backup`, `restore` and `check` as a script runs them: their documents, their exit statuses, one plain sentence."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from media_assistant.jobs.claim import claim_library
from media_assistant.library.library import Library
from tests.cli.within import ask, run
from tests.library.making import new_item

BACKUP = {"path", "made_at", "size_bytes", "why", "items", "kinds"}


@pytest.fixture
def library(home: Path) -> Path:
    file = home / "data" / "library.sqlite"
    made = Library.open(file)
    made.add_items([new_item(number) for number in range(3)])
    made.close()
    return file


def test_promise_4_backup_and_restore_by_their_verbs_and_back_again(library: Path) -> None:
    made = ask("backup")["backup"]
    assert set(made) == BACKUP
    assert (made["items"], made["kinds"], made["why"]) == (3, {"video": 3}, "asked")
    ask("tag", "add", "1", "holidays")
    assert ask("show", "1")["tags"]
    done = ask("restore", made["path"])
    assert set(done) == {"restored", "restore_point"}
    assert (done["restored"], set(done["restore_point"])) == (made, BACKUP)
    assert not ask("show", "1")["tags"]
    back = run("restore", done["restore_point"]["path"])
    assert back.stdout.startswith("Restored: ") and "go back" in back.stdout
    assert ask("show", "1")["tags"]


def test_restoring_what_is_no_backup_changes_nothing(library: Path, tmp_path: Path) -> None:
    before = library.read_bytes()
    (tmp_path / "letter.txt").write_text("Dear Ada")
    assert ask("restore", tmp_path / "letter.txt", status=1)["error"]["code"] == "library.backup_not_ours"
    fault = run("restore", tmp_path / "none.sqlite", status=1)
    assert fault.stderr.strip().count("\n") == 0 and "none.sqlite" in fault.stderr
    run("restore", status=2)
    made = ask("backup")["backup"]["path"]
    claim = claim_library(library)
    try:
        assert ask("restore", made, status=1)["error"]["code"] == "jobs.library_in_use"
        assert ask("backup")["backup"]["items"] == 3, "a backup can be made beside a program that is at work"
        assert ask("check")["ok"]
        assert ask("check", "--repair", status=1)["error"]["code"] == "jobs.library_in_use"
    finally:
        claim.release()
    assert library.read_bytes() == before


def test_check_tells_and_repair_mends_after_a_backup(library: Path, home: Path) -> None:
    assert ask("check") == {"ok": True, "problems": [], "repaired": [], "backup": None}
    with closing(sqlite3.connect(library)) as connection:
        connection.execute("DELETE FROM item_text WHERE rowid = 2")
        connection.commit()
    found = run("check", "--json", status=1)
    assert "--repair" in found.stderr
    document = ask("check", status=1)
    assert not document["ok"]
    (problem,) = document["problems"]
    assert set(problem) == {"code", "count", "text", "repair", "can_be_repaired"}
    assert (problem["code"], problem["count"], problem["can_be_repaired"]) == ("text_index", 1, True)
    assert not ask("search", "clip 1")["results"], "a look changes nothing"
    done = ask("check", "--repair")
    assert (done["ok"], [each["code"] for each in done["repaired"]], set(done["backup"])) == (
        True,
        ["text_index"],
        BACKUP,
    )
    assert ask("search", "clip 1")["results"]
    assert ask("check")["ok"]
