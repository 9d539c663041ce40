"""Promise 1, of this very run: what is given to libraries and to the tests is what lies there afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from media_assistant.library.library import Library
from tests.conftest import ROOT
from tests.library.making import new_item
from tests.originals import BEFORE, Originals, changed_since, listen

# Lines of the program's own, as far as Python's stack tells.
PROGRAM = str(ROOT / "media_assistant" / "workflows" / "no_such_module.py")


def test_promise_1_the_whole_run_begins_and_ends_with_a_hash_of_every_original(tmp_path: Path) -> None:
    """A run of its own, with material of its own that a test changes: it fails although every test of it passes."""
    material = tmp_path / "material"
    (material / "media").mkdir(parents=True)
    (material / "media" / "index.jsonl").write_text("")
    (material / "media" / "film.mp4").write_bytes(b"a person's only film")
    test = tmp_path / "test_it.py"
    for code, status in (("read_bytes()", 0), ("write_bytes(b'gone')", 1), ("unlink()", 1)):
        test.write_text(f"def test_it(material):\n    (material / 'media' / 'film.mp4').{code}\n")
        environment = {**os.environ, "MEDIA_ASSISTANT_TEST_MATERIAL": str(material), "PYTHONPATH": str(ROOT)}
        words = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "-p", "tests.conftest", str(test)]
        done = subprocess.run(words, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stdout + done.stderr
        assert "1 passed" in done.stdout
        assert ("promise 1 is broken" in done.stdout) is bool(status)


def test_promise_1_this_run_has_hashed_them(request: pytest.FixtureRequest) -> None:
    if not hasattr(request.config, "workerinput"):  # the process that starts the others does it for all
        assert request.config.stash[BEFORE]
        assert changed_since(request.config) == []


@pytest.mark.touches_originals
@pytest.mark.parametrize("code", ["open(path, 'ab').close()", "os.remove(path)", "os.rename(folder, folder + ' gone')"])
def test_promise_1_a_line_of_the_program_that_lays_hands_on_an_original_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    folder = tmp_path / "media"
    folder.mkdir()
    file = folder / "note.txt"
    file.write_text("kept")
    library = Library.open(tmp_path / "library.sqlite")
    try:
        for name, is_program in (("a test's line", False), (PROGRAM, True)):
            noted = Originals(monkeypatch)
            listen(noted)
            library.add_items([new_item(int(is_program), path=str(file))])
            exec(compile(code, name, "exec"), {"path": str(file), "folder": str(folder), "os": os})
            assert noted.changed() == ([str(file)] if is_program else [])
            if Path(f"{folder} gone").exists():
                os.rename(f"{folder} gone", folder)
            file.write_text("kept")
    finally:
        library.close()
        listen(Originals(monkeypatch))
