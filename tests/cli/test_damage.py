"""Every kind of damage to a library that is known of, as a person meets it: said, mended where it can be, with nothing
lost that was said or found; and where it cannot be, the way to a backup.
"""

from __future__ import annotations

import shutil
import sqlite3
import tomllib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from media_assistant.library import backup
from media_assistant.library.library import Library
from tests.cli.within import ask, run
from tests.conftest import ROOT
from tests.library.test_lean_copy import full, overwrite
from tests.workflows.engine import open_assistant

Damage = Callable[[Path], None]


def sql(*statements: str) -> Damage:
    def do(file: Path) -> None:
        with closing(sqlite3.connect(file)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    return do


def over(table: str) -> Damage:
    return lambda file: overwrite(file, table)


def what_was_said(file: Path) -> list[Any]:
    """Without what is to be done again, which may be other vectors."""
    library = Library.open(file)
    try:
        known = [library.details(item_id) for item_id in library.item_ids()]
        return [
            [(each.item.id, each.item.title, each.item.facts, each.item.path) for each in known],
            [(each.tags, each.labels, each.lines, each.shots, each.traits, each.marks) for each in known],
            library.journal(),
        ]
    finally:
        library.close()


MENDED: dict[str, tuple[str, Damage]] = {
    "a page of vectors": ("spare_parts", over("vectors")),
    "a page of an index of vectors": ("spare_parts", over("vectors_by_run")),
    "a page of the index of words": ("spare_parts", over("moment_text_data")),
    "a page of proposals": ("spare_parts", over("suggested_tags_by_run")),
    "a table of vectors gone": ("parts", sql("DROP TABLE vectors")),
    "an index gone": ("parts", sql("DROP INDEX moments_by_run", "DROP INDEX items_by_added")),
    "the view of tags gone": ("parts", sql("DROP VIEW tags")),
    "the index of words gone": ("parts", sql("DROP TABLE moment_text")),
    "a word not found": ("text_index", sql("DELETE FROM item_text WHERE rowid = 2")),
    "findings of nothing": (
        "orphans",
        sql("INSERT INTO jobs (item_id, analyser, stage, rank) VALUES (999, 'x', 1, 1)"),
    ),
    "jobs of what was removed": (
        "jobs",
        sql("INSERT INTO jobs (item_id, analyser, stage, rank) SELECT id, 'x', 1, 1 FROM items WHERE removed_at <> ''"),
    ),
    "names sorted wrongly": ("names", sql("UPDATE items SET sort_name = 'zzz' WHERE id = 3")),
    "vectors of what was removed": (
        "vectors",
        sql(
            'INSERT INTO vectors SELECT 9999 + id, item_id, run_id, space, span_kind, span_a, span_b, span_c, "values"'
            " FROM vectors_aside"
        ),
    ),
    "a proposal out of nothing": (
        "suggestions",
        sql("INSERT INTO suggested_tags SELECT id, 'dog', 1, 0.9 FROM items WHERE removed_at <> '' LIMIT 1"),
    ),
    "small pictures gone": (
        "pictures",
        sql(
            "INSERT INTO runs (item_id, analyser, version, model, revision, is_complete)"
            " SELECT id, 'preview', 1, '', '', 1 FROM items WHERE removed_at = ''"
        ),
    ),
}


@pytest.mark.parametrize("name", MENDED)
def test_promise_4_what_can_be_made_again_is_mended_and_nothing_else_is_touched(name: str, home: Path) -> None:
    code, damage = MENDED[name]
    (home / "made").mkdir()
    full(home / "made").close()
    made = next((home / "made").glob("*.sqlite"))
    before = what_was_said(made)
    file = home / "data" / "library.sqlite"
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(made, file)
    damage(file)
    if code == "spare_parts":
        found = ask("check", status=1)
        assert [each["code"] for each in found["problems"]] == [code], found
        assert found["problems"][0]["can_be_repaired"] and not found["ok"] and found["backup"] is None
        mended = ask("check", "--repair")
        assert (mended["ok"], [each["code"] for each in mended["repaired"]]) == (True, [code]), mended
        assert mended["backup"]["why"] == "change" and mended["backup"]["items"] == 10
    assistant = open_assistant(works=False)
    if code != "spare_parts":
        told = assistant.backups.look().result(60)
        assert [each for each, _, mends in told.found if mends] == [each for each, _, _ in told.found] == [code]
        done = assistant.backups.repair().result(60)
        assert done.is_whole and [each for each, _ in done.repaired] == [code] and done.backup is not None
    assert assistant.backups.look().result(60).is_whole
    assistant.close()
    assert what_was_said(file) == before


LOST: dict[str, Damage] = {
    "a page of items": over("items"),
    "a page of moments": over("moments"),
    "a page of the history": over("journal"),
    "a table gone": sql("DROP TABLE positions"),
    "the second half": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "all but the head": lambda file: file.write_bytes(file.read_bytes()[:4096]),
    "everything overwritten": lambda file: file.write_bytes(b"\xff" * file.stat().st_size),
    "the head overwritten": lambda file: file.write_bytes(b"\0" * 100 + file.read_bytes()[100:]),
}


@pytest.mark.parametrize("name", LOST)
def test_promise_4_what_cannot_be_made_again_is_left_alone_and_comes_back_from_a_backup(name: str, home: Path) -> None:
    (home / "data").mkdir(exist_ok=True)
    library = full(home / "data")
    made = library.backup()
    library.close()
    before = what_was_said(library.file)
    LOST[name](library.file)
    damaged = library.file.read_bytes()
    told = run("--library", library.file, "check", "--repair", status=1)
    assert told.stderr.strip() and "Traceback" not in told.stderr
    assert "backup" in (told.stdout + told.stderr), "the way out is named"
    assert backup.list_backups(library.file) == [made]
    done = ask("--library", library.file, "restore", made)
    kept = Path(done["restore_point"]["path"]).read_bytes()
    assert kept[4096:] == damaged[4096:] and len(kept) == len(damaged), "for whoever can mend it"
    assert what_was_said(library.file) == before


def test_the_page_about_backups_names_every_problem_and_every_field(home: Path) -> None:
    page = (ROOT / "resources" / "backups" / "README.md").read_text("utf-8")
    told = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `") and ".sqlite" not in line}
    words = tomllib.loads((ROOT / "resources" / "translations" / "en" / "backups.toml").read_text("utf-8"))
    assert told == set(words["library"]["problem"]) == set(words["library"]["repair"])
    full(home).close()
    document = ask("--library", next(home.glob("*.sqlite")), "backup")["backup"]
    assert all(f'"{field}"' in page for field in document)
