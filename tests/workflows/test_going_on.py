"""What a killed program left half done is finished as if nothing had happened."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from media_assistant.inference.install import to_toml
from media_assistant.paths import find_paths
from media_assistant.settings import Settings, load, save
from tests.inference.conftest import CARD
from tests.stress.killing.prepared import make_picture_model, make_scenes
from tests.workflows.engine import make_media, open_assistant, read_findings


def test_looks_that_go_on_know_all_shots(tmp_path: Path, home: Path) -> None:
    """Shots had come further than looks when the program was killed: what is known of them then is not all."""
    make_picture_model(home / "data" / "models" / "tiny")
    film, library = make_scenes(tmp_path / "film.mp4"), find_paths().library
    assistant = open_assistant(is_foreground=True)
    assistant.import_paths([film]).result(60)
    assistant.when_idle().result(120)
    assistant.close()
    undisturbed = read_findings(library)
    assert [row[1] for row in undisturbed["film.mp4", "shots"]] == [2000, 4000, 6000]
    looked_ms, shot_ms = 0, 2000
    with closing(sqlite3.connect(library)) as connection:
        for analyser, at_ms in (("sights", looked_ms), ("shots", shot_ms)):
            (run,) = connection.execute("SELECT id FROM runs WHERE analyser = ?", (analyser,)).fetchone()
            connection.execute("UPDATE runs SET is_complete = 0, checkpoint_ms = ? WHERE id = ?", (at_ms, run))
            connection.execute("UPDATE jobs SET state = 'running', attempts = 1 WHERE analyser = ?", (analyser,))
            for table in ("moments", "vectors"):
                connection.execute(f"DELETE FROM {table} WHERE run_id = ? AND span_b > ?", (run, at_ms))
        connection.commit()
    assistant = open_assistant(is_foreground=True)
    assistant.when_idle().result(120)
    assistant.close()
    assert read_findings(library) == undisturbed


def test_what_one_model_began_is_not_ended_by_another(tmp_path: Path, home: Path) -> None:
    make_picture_model(home / "data" / "models" / "tiny")
    film, library = make_scenes(tmp_path / "film.mp4"), find_paths().library
    assistant = open_assistant(is_foreground=True)
    assistant.import_paths([film]).result(60)
    assistant.when_idle().result(120)
    assistant.close()
    with closing(sqlite3.connect(library)) as connection:
        (run,) = connection.execute("SELECT id FROM runs WHERE analyser = 'sights'").fetchone()
        connection.execute("UPDATE runs SET is_complete = 0, checkpoint_ms = 2000 WHERE id = ?", (run,))
        connection.execute("UPDATE jobs SET state = 'running', attempts = 1 WHERE analyser = 'sights'")
        for table in ("moments", "vectors"):
            connection.execute(f"DELETE FROM {table} WHERE run_id = ? AND span_b > 2000", (run,))
        connection.commit()
    better = home / "data" / "models" / "better"
    make_picture_model(better)
    (better / "model.toml").write_text(to_toml(CARD | {"id": "better", "space": "better-1", "priority": 1}), "utf-8")
    assistant = open_assistant(is_foreground=True)
    assistant.when_idle().result(120)
    assistant.close()
    with closing(sqlite3.connect(library)) as connection:
        seen = (
            "SELECT DISTINCT model, space, span_a FROM vectors JOIN runs ON runs.id = run_id WHERE analyser = 'sights'"
        )
        found = set(connection.execute(seen))
    assert found == {("better", "better-1", at_ms) for at_ms in (0, 2000, 4000)}


def test_half_a_picture_of_a_killed_program_goes(samples: Path, tmp_path: Path) -> None:
    media = make_media(samples, tmp_path / "media")
    assistant = open_assistant(works=False)
    (item_id,) = assistant.import_paths([media / "balloon 0.jpg"]).result(60).added
    assert assistant.library.lease_jobs(stages=[0]) is not None
    previews = find_paths().previews / str(item_id)
    previews.mkdir(parents=True)
    (previews / ".0123456789abcdef.tmp").write_bytes(b"half")
    assistant.close()
    assistant = open_assistant(is_foreground=True)
    assistant.when_idle().result(120)
    assistant.close()
    assert [each.name for each in previews.iterdir()] == ["thumbnail"]


def test_half_of_the_settings_of_a_killed_program_goes(tmp_path: Path) -> None:
    left, in_work, kept = (tmp_path / name for name in (f".{'0' * 16}.tmp", f".{'1' * 16}.tmp", "settings.json"))
    for draft in (left, in_work):
        draft.write_text("{")
    os.utime(left, (1e9, 1e9))
    save(Settings(theme="dark"), kept)
    assert sorted(tmp_path.iterdir()) == [in_work, kept]
    assert load(kept).theme == "dark"
