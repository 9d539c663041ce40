"""`history`, `undo`, `redo` and `missing` as a script runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from media_assistant.items.happening import Happening, Verb
from media_assistant.library.library import Library
from media_assistant.paths import find_paths
from tests.cli.within import ask, run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "media"
    made.mkdir()
    for number in range(30):
        (made / f"text {number:02}.txt").write_text(f"This is text number {number}, and no other. " * 3)
    return made


def test_what_was_done_is_listed_and_taken_back(folder: Path) -> None:
    added = ask("import", folder, "--no-analyse")["added"]
    first = str(added[0]["id"])
    ask("tag", "add", first, "holidays")
    ask("tag", "add", str(added[1]["id"]), "work trip")
    steps = ask("history")["steps"]
    assert [(step["verb"], step["item_count"], step["undone"]) for step in steps] == [
        ("add_tag", 1, False),
        ("add_tag", 1, False),
        ("import", 30, False),
    ]
    assert "holidays" in run("history").stdout
    undone = ask("undo", str(steps[1]["step"]))["step"]
    assert undone["taken_back_by"]
    assert not ask("show", first)["tags"]
    assert ask("undo", str(steps[2]["step"]), status=1)["error"]["code"] == "library.step_built_on"
    ask("undo", str(steps[2]["step"]), "--back-to")
    assert ask("list")["items"] == []
    assert ask("undo") == {"step": None}
    assert ask("redo")["step"]["verb"] == "import"
    assert len(ask("list")["items"]) == 30
    run("undo", "--back-to", status=2)
    assert ask("undo", "0", status=1)["error"]["code"] == "library.step_gone"
    assert len(ask("list")["items"]) == 30


def test_what_was_played_is_listed_paused_and_forgotten(folder: Path) -> None:
    item_id = ask("import", folder / "text 00.txt", "--no-analyse")["added"][0]["id"]
    library = Library.open(find_paths().library)
    library.note_happening(Happening(Verb.OPENED, item_id, lasted_ms=4000))
    library.note_happening(Happening(Verb.SEARCHED, detail={"words": "sea", "found": 2}))
    library.close()
    told = ask("history", "--played")
    assert [(each["did"], each["title"]) for each in told["happenings"]] == [("searched", ""), ("opened", "text 00")]
    counts = {"happenings": 2, "slates": 0, "positions": 0, "likings": 0}
    assert ask("forget", "today") == {"would_forget": counts} and ask("forget", "pause") == {"recording": False}
    assert ask("forget", "never heard", status=1)["error"]["code"] == "cli.no_such_time"
    assert ask("forget", str(item_id), "--yes")["forgotten"] == {**counts, "happenings": 1, "left": []}
    left = run("history", "--played").stdout
    assert "Searched for “sea”: 2 items" in left and "paused" in left and "text 00" not in left


def test_promise_7_many_that_are_lost_leave_only_with_a_clear_yes(folder: Path, tmp_path: Path) -> None:
    ask("import", folder, "--no-analyse")
    assert ask("missing") == {"missing": [], "questions": []}
    away = tmp_path / "away"
    folder.rename(away)
    folder.mkdir()
    told = ask("missing")
    assert (len(told["missing"]), all(each["offline"] for each in told["missing"])) == (30, True)
    assert told["questions"] == [{"folder": str(folder), "lost": 30, "total": 30}]
    assert ask("missing", "remove", folder, status=1)["error"]["code"] == "cli.needs_yes"
    assert len(ask("list")["items"]) == 30
    found = ask("missing", "find", away)
    assert (len(found["found"]), {each["reason"] for each in found["found"]}, found["relinked"]) == (30, {"content"}, 0)
    assert len(ask("missing")["missing"]) == 30
    assert ask("missing", "find", away, "--yes")["relinked"] == 30
    assert ask("missing")["missing"] == []
    ask("undo")
    assert ask("missing", "gone", folder) == {"marked": 30}
    assert ask("missing")["questions"] == []
    ask("undo")
    assert ask("missing", "remove", folder, "--yes") == {"removed": 30}
    assert ask("list")["items"] == []
    ask("undo")
    assert len(ask("list")["items"]) == 30
    run("missing", "find", status=2)
