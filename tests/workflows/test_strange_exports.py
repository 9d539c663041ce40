"""Exports with values that nobody would write: each is refused in words or taken, and what is taken can be lived with."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from media_assistant.errors import UserFixable
from media_assistant.items.item import Place
from media_assistant.library.export.rebuild import Rebuild
from media_assistant.library.library import Library
from media_assistant.library.schema import migrations
from media_assistant.paths import find_paths
from media_assistant.workflows.keeping.exporting import export_library
from media_assistant.workflows.keeping.rebuilding import rebuild_library
from tests.library.make_filled import DATA

GONE = object()
STRANGE: tuple[Any, ...] = (
    *(
        GONE,
        None,
        True,
        0,
        -1,
        1,
        2**31,
        2**62,
        2**70,
        10**400,
        float("inf"),
        1.5,
        -1e308,
        "",
        "x",
        "\ud800",
        "a\0b",
        "9" * 400,
    ),
    *([], {}, [1], [[1, 2, "x", 0.5]], {"do": "rate"}, {"bytes": "zz"}, {"bytes": "ff00"}, [[]], ["a"], {"a": 1}),
)

a_change = st.tuples(
    st.sampled_from(["library", "findings"]), st.integers(0), st.integers(0), st.booleans(), st.sampled_from(STRANGE)
)


@settings(max_examples=40, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@example([("library", 205396252, 146, True, None)])
@example([("library", 205396252, 146, True, "\ud800")])
@given(st.lists(a_change, min_size=1, max_size=2))
def test_a_strange_value_is_refused_or_harmless(changes: list[tuple[str, int, int, bool, Any]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder, new = Path(place, "export"), Path(place, "new.sqlite")
        shutil.copy(DATA / f"library-v{migrations.SCHEMA_VERSION}.sqlite", Path(place, "library.sqlite"))
        with closing(Library.open(Path(place, "library.sqlite"))) as library:
            export_library(library, folder)
        for change in changes:
            rewrite(folder, *change)
        refusal = ""
        try:
            rebuild_library(folder, find_paths(new))
        except UserFixable as fault:
            refusal = fault.code
        if refusal:
            assert refusal in ("workflows.export_line", "workflows.export_not_whole", "workflows.export_newer")
            assert not new.exists()
            return
        with closing(Library.open(new)) as library:
            for item in library.items(library.item_ids()):
                library.details(item.id)
            assert library.journal() is not None and library.collections() is not None and library.roots() is not None
            while library.undo():
                pass


def rewrite(folder: Path, part: str, line: int, field: int, is_inside: bool, value: Any) -> None:
    """One value of one line is another; the manifest says that this is right."""
    file, manifest = folder / f"{part}.jsonl", folder / "manifest.json"
    lines = file.read_text("utf-8").splitlines()
    at = line % len(lines)
    told = json.loads(lines[at])
    name = list(told)[field % len(told)]
    within = told[name] if is_inside and isinstance(told[name], dict) and told[name] else told
    name = name if within is told else list(within)[field % len(within)]
    if value is GONE:
        del within[name]
    else:
        within[name] = value
    lines[at] = json.dumps(told).replace("Infinity", "1e999")
    text = "\n".join(lines) + "\n"
    file.write_text(text, "utf-8")
    known = json.loads(manifest.read_text("utf-8"))
    known["files"][file.name]["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    manifest.write_text(json.dumps(known), "utf-8")


def test_a_height_without_an_end_from_an_older_version_hinders_neither_export_nor_rebuild(tmp_path: Path) -> None:
    shutil.copy(DATA / f"library-v{migrations.SCHEMA_VERSION}.sqlite", tmp_path / "library.sqlite")
    facts = {"width": 640, "place": {"latitude": 4.5, "longitude": 8.5, "altitude_m": math.inf}}
    with closing(sqlite3.connect(tmp_path / "library.sqlite")) as connection:
        connection.execute("UPDATE items SET facts = ? WHERE id = 1", (json.dumps(facts),))
        connection.commit()
    with closing(Library.open(tmp_path / "library.sqlite")) as library:
        assert library.items([1])[0].facts.place == Place(4.5, 8.5, None)
        export_library(library, tmp_path / "export")
    rebuild_library(tmp_path / "export", find_paths(tmp_path / "new.sqlite"))
    with closing(Library.open(tmp_path / "new.sqlite")) as library:
        assert library.find_problems() == []
        assert Place(4.5, 8.5, None) in {item.facts.place for item in library.items(library.item_ids())}


@pytest.mark.parametrize(
    ("kind", "inside", "value"),
    [
        ("item", ("facts", "duration_ms"), 10**30),
        ("item", ("facts", "frame_rate"), 1e999),
        ("moment", ("words", 0, 3), 10**400),
        ("moment", ("score",), 1e999),
    ],
)
def test_promise_12_numbers_that_no_library_holds_are_a_broken_line(
    tmp_path: Path, kind: str, inside: tuple[str | int, ...], value: float
) -> None:
    shutil.copy(DATA / f"library-v{migrations.SCHEMA_VERSION}.sqlite", tmp_path / "library.sqlite")
    with closing(Library.open(tmp_path / "library.sqlite")) as library:
        export_library(library, tmp_path / "export")
    part = "library" if kind == "item" else "findings"
    lines = [json.loads(line) for line in (tmp_path / "export" / f"{part}.jsonl").read_text("utf-8").splitlines()]
    number = next(n for n, line in enumerate(lines) if line["type"] == kind and line.get(inside[0]))
    rebuild = Rebuild(tmp_path / "new.sqlite")
    try:
        line = lines[number]
        at: Any = line
        for step in inside[:-1]:
            at = at[step]
        at[inside[-1]] = value
        with pytest.raises(ValueError, match=r"number|large|range"):
            rebuild.put(part, line)
    finally:
        rebuild.discard()
