"""`check-models` against a server on this machine, and where there is none."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.inference.conftest import CARD
from tests.inference.hub import Hub, serving
from tests.inference.test_download import FILES


@pytest.fixture
def hub(make_clip: Callable[..., Path], loopback_allowed: None, tmp_path: Path) -> Iterator[Hub]:
    source = make_clip(tmp_path / "source")
    with serving({name: (source / name).read_bytes() for name in FILES}) as server:
        yield server


def ask(catalogue: Path, server: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "build/check_models.py", "--catalogue", str(catalogue), "--server", server, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "0"},
        check=False,
    )


def write_catalogue(file: Path, **changes: object) -> Path:
    from media_assistant.inference.install import to_toml

    table = {"id": "tiny", "repo": "someone/tiny", "revision": "main", "files": list(FILES), "licence": "MIT"} | changes
    card = {key: value for key, value in CARD.items() if key not in {"id", "licence"}}
    text = "[[model]]\n" + to_toml(table) + "[model.card]\n" + to_toml(card)
    second = text.replace('"tiny"', '"not-there"').replace('"tokenizer.json"', '"nowhere.json"', 1)
    file.write_text(text + second, "utf-8")
    return file


def test_what_holds_and_what_does_not_is_printed(hub: Hub, tmp_path: Path) -> None:
    catalogue = write_catalogue(tmp_path / "catalogue.toml", size_bytes=123)
    answer = ask(catalogue, hub.address)
    size = sum(map(len, hub.files.values()))
    assert answer.returncode == 1
    assert answer.stdout.splitlines() == [
        "tiny: does not hold",
        f"    size_bytes = 123 in the catalogue, {size} on the server",
        "not-there: does not hold",
        "    someone/tiny (main) has no file nowhere.json. The catalogue of this version may be out of date.",
        "0 of 2 hold.",
    ]
    write_catalogue(catalogue, size_bytes=size)
    answer = ask(catalogue, hub.address, "tiny")
    assert (answer.returncode, answer.stdout.splitlines()) == (0, ["tiny: holds", "1 of 1 hold."])
    assert ask(catalogue, hub.address, "nobody").returncode == 2


def test_without_a_network_it_says_so(tmp_path: Path) -> None:
    answer = ask(write_catalogue(tmp_path / "catalogue.toml"), "http://127.0.0.1:9")
    assert answer.returncode == 4
    assert "http://127.0.0.1:9 cannot be reached from here" in answer.stdout
    assert "Nothing was checked." in answer.stdout
