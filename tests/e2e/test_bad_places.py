"""Bad libraries, models and endings at the program's door: one sentence, one JSON document, the right status, nothing lost."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from media_assistant.paths import find_paths
from media_assistant.settings import save
from tests.e2e.odd_files import photo, song
from tests.e2e.understanding import fingerprints
from tests.workflows.engine import BRISK

pytestmark = [pytest.mark.timeout(300), pytest.mark.skipif(sys.platform == "win32", reason="signals, limits, links")]

PROGRAM = [sys.executable, "-m", "media_assistant"]


def run(*words: str | Path, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """The program, to its end."""
    environment = {**os.environ, **options.pop("environment", {})}
    return subprocess.run(
        [*PROGRAM, *map(str, words)],
        stderr=subprocess.PIPE,
        env=environment,
        check=False,
        timeout=120,
        **{"stdout": subprocess.PIPE, **options},
    )


def ask(*words: str | Path, status: int = 0, **options: Any) -> Any:
    """The one document; a fault is one line of plain words besides."""
    done = run(*words, "--json", "--quiet", **options)
    complaint = done.stderr.decode("utf-8")
    assert done.returncode == status, complaint
    document = json.loads(done.stdout)
    if status == 1:
        assert complaint.strip() == document["error"]["message"]
        assert "\n" not in complaint.strip()
        assert not any(word in complaint for word in ("Traceback", "Errno", "Error", "{"))
    return document


def check_library(library: Path, files: Path) -> None:
    """Whole, nothing twice, and after a run of the queue everything done."""
    assert ask("import", files)["added"] == []
    assert ask("jobs")["counts"]["waiting"] == 0
    connection = sqlite3.connect(library)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("SELECT path FROM locations GROUP BY path HAVING count(*) > 1").fetchall() == []
        assert connection.execute("SELECT quick_hash FROM items GROUP BY 1 HAVING count(*) > 1").fetchall() == []
        doubled = "SELECT 1 FROM moments GROUP BY run_id, span_a, span_b, layer, concept_id, text HAVING count(*) > 1"
        assert connection.execute(doubled).fetchall() == []
        assert connection.execute("SELECT DISTINCT state FROM jobs").fetchall() == [("done",)]
    finally:
        connection.close()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_what_is_no_library_is_left_alone(home: Path, tmp_path: Path, language: str) -> None:
    (home / "config").mkdir()
    (home / "config" / "settings.json").write_text(json.dumps({"language": language}))
    (tmp_path / "letter.sqlite").write_bytes(b"Dear Ada, this is a letter and no library. " * 200)
    with sqlite3.connect(tmp_path / "other.sqlite") as other:
        other.execute("CREATE TABLE recipes (name)")
    other.close()
    ask("--library", tmp_path / "newer.sqlite", "list")
    with sqlite3.connect(tmp_path / "newer.sqlite") as newer:
        newer.execute("PRAGMA user_version = 9999")
        newer.execute("INSERT INTO migrations VALUES (9999, 'from the future', '2099-01-01')")
    newer.close()
    for file in tmp_path.glob("*.lock"):
        file.unlink()
    before = fingerprints(tmp_path)
    for name, code in (
        ("letter", "library.not_a_library"),
        ("other", "library.not_a_library"),
        ("newer", "library.newer"),
    ):
        for words in (["list"], ["import", tmp_path], ["tag", "add", "1", "x"]):
            document = ask("--library", tmp_path / f"{name}.sqlite", *words, status=1)
            assert document["error"]["code"] == code
            assert ("媒体库" in document["error"]["message"]) is (language == "zh_CN")
    assert {name: value for name, value in fingerprints(tmp_path).items() if not name.endswith(".lock")} == before


def test_promise_10_a_library_that_may_only_be_read(tmp_path: Path) -> None:
    """A file that cannot be written, root or not: SQLite's own words for it are turned into ours."""
    library = tmp_path / "library.sqlite"
    ask("--library", library, "import", photo(tmp_path / "one.jpg"), "--no-analyse")
    before = library.read_bytes()
    mounted = subprocess.run(["mount", "--bind", tmp_path, tmp_path], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", tmp_path], check=True)
        document = ask("--library", library, "import", tmp_path, status=1)
        assert document["error"]["code"] in ("jobs.folder_not_writable", "library.read_only", "library.cannot_open")
        ask("--library", library, "tag", "add", "1", "x", status=1)
        look_about(library)
    finally:
        subprocess.run(["umount", tmp_path], check=True)
    assert library.read_bytes() == before
    assert len(ask("--library", library, "list")["items"]) == 1


def look_about(library: Path, **options: Any) -> None:
    """Everything that only reads works on a library that cannot be written."""
    assert [each["title"] for each in ask("--library", library, "list", **options)["items"]] == ["one"]
    assert ask("--library", library, "search", "one", **options)["results"]
    assert ask("--library", library, "show", "1", **options)["title"] == "one"
    assert ask("--library", library, "check", **options)["ok"]
    assert ask("--library", library, "backup", status=1, **options)["error"]["code"] == "library.backup_failed"
    complaint = run("--library", library, "check", "--repair", **options).stderr.decode()
    assert "cannot be written" in complaint


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
def test_promise_10_a_library_of_somebody_else_opens_for_looking(home: Path, tmp_path: Path) -> None:
    place = tmp_path / "theirs"
    place.mkdir()
    library = place / "library.sqlite"
    ask("--library", library, "import", photo(place / "one.jpg"), "--no-analyse")
    for each in (library, place / "one.jpg"):
        each.chmod(0o444)
    place.chmod(0o555)
    for folder in {tmp_path, *tmp_path.parents, *home.parents} - set(Path(tempfile.gettempdir()).parents):
        folder.chmod(folder.stat().st_mode | 0o055)
    shutil.chown(home, 65534)
    for each in home.rglob("*"):
        shutil.chown(each, 65534)
    before = library.read_bytes()
    try:
        subprocess.run([sys.executable, "-c", ""], user=65534, check=True, capture_output=True)
    except (PermissionError, subprocess.CalledProcessError):
        pytest.skip("nobody else may run this Python")
    look_about(library, user=65534, environment={"HOME": str(home)})
    assert library.read_bytes() == before
    assert {each.name for each in place.iterdir()} <= {"library.sqlite", "one.jpg", "library.sqlite.lock"}


def test_two_programs_on_one_library(tmp_path: Path, home: Path) -> None:
    files = [photo(tmp_path / f"{number}.jpg", number) for number in range(6)]
    ask("import", files[0], "--no-analyse")
    save(BRISK, find_paths().config / "settings.json")
    with subprocess.Popen([*PROGRAM, "import", *map(str, files)], stderr=subprocess.DEVNULL) as first:
        # Not while it opens the library: for a moment nobody else may read it.
        while first.poll() is None and not psutil.Process(first.pid).children():
            time.sleep(0.01)
        first.send_signal(signal.SIGSTOP)  # else a quick machine is done before the second one has begun
        try:
            assert ask("import", files[0], status=1)["error"]["code"] == "jobs.library_in_use"
            assert ask("list")["items"], "one that only reads works beside it"
        finally:
            first.send_signal(signal.SIGCONT)
        assert first.wait(timeout=120) == 0
    check_library(home / "data" / "library.sqlite", tmp_path)


def test_promise_10_a_limit_on_what_may_be_written(tmp_path: Path, home: Path) -> None:
    """As on a full disk: what was saved before stays, and the program says so."""
    photos = [photo(tmp_path / f"{number}.jpg", number, (64, 48)) for number in range(40)]
    ask("import", photos[0], "--no-analyse")
    library = home / "data" / "library.sqlite"
    size = library.stat().st_size

    import resource

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size // 8, size // 8))

    document = ask("import", tmp_path, "--no-analyse", status=1, preexec_fn=limit)
    assert document["error"]["code"] in ("library.disk_full", "library.disk_error", "library.cannot_open")
    assert [item["title"] for item in ask("list")["items"]] == ["0"]
    assert len(ask("import", tmp_path, "--no-analyse")["added"]) == 39
    check_library(library, tmp_path)


def test_promise_10_a_limit_on_an_export_and_a_rebuild(tmp_path: Path, home: Path) -> None:
    """As on a full disk: nothing half is left, and the program says so."""
    (tmp_path / "media").mkdir()
    for number in range(120):
        photo(tmp_path / "media" / f"{number}.jpg", number)
    ask("import", tmp_path / "media", "--no-analyse")

    import resource

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_960, 40_960))

    folder, new = tmp_path / "out" / "export", tmp_path / "new" / "new.sqlite"
    document = ask("export", folder, status=1, preexec_fn=limit)
    assert document["error"]["code"] == "workflows.export_not_written"
    assert not list(folder.parent.iterdir())
    assert ask("export", folder)["items"] == 120
    document = ask("--library", new, "restore", folder, status=1, preexec_fn=limit)
    assert document["error"]["code"] in ("library.disk_full", "library.disk_error", "library.cannot_open")
    assert [each.name for each in new.parent.iterdir()] == ["new.sqlite.lock"]
    assert ask("--library", new, "restore", folder)["items"] == 120


def test_models_that_cannot_be_used(tmp_path: Path, samples: Path) -> None:
    bundled = next(Path(__file__).resolve().parents[2].joinpath("models").glob("*/model.toml")).parent
    folder = tmp_path / "models"
    shutil.copytree(bundled, folder / "flipped")
    weights = max((folder / "flipped").rglob("*.onnx"), key=lambda file: file.stat().st_size)
    data = bytearray(weights.read_bytes())
    data[len(data) // 2] ^= 0x40
    weights.write_bytes(data)
    (folder / "no card").mkdir()
    (folder / "no card" / "model.onnx").write_bytes(b"x" * 100)
    (folder / "broken card").mkdir()
    (folder / "broken card" / "model.toml").write_text("id = [unfinished")
    (folder / "poor card").mkdir()
    (folder / "poor card" / "model.toml").write_text('id = "poor"\n')
    (folder / "a file").write_text("no folder")
    environment = {"MEDIA_ASSISTANT_MODELS": os.pathsep.join([str(folder), str(tmp_path / "absent")])}
    states = {state["id"]: state for state in ask("models", "verify", environment=environment)}
    broken = [state for state in states.values() if state["state"] == "broken"]
    assert len(broken) >= 3, states
    assert any(weights.name in state["why"] for state in broken), broken
    assert all(state["why"].endswith(".") for state in broken)
    document = ask("import", samples / "night-sky.txt", environment=environment)
    assert document["analyses"]["done"], "what needs no model goes on"
    assert ask("show", "1", environment=environment)["transcript"] is None
    assert ask("models", "install", folder / "no card", status=1)["error"]["code"] == "model.no_card"
    assert ask("models", "install", folder / "broken card", status=1)["error"]["code"] == "model.card_unreadable"
    assert ask("models", "install", folder / "poor card", status=1)["error"]["code"] == "model.card_incomplete"


@pytest.mark.parametrize("seed", range(2))
def test_killed_in_the_middle(tmp_path: Path, home: Path, samples: Path, seed: int) -> None:
    """Main process or worker, at a moment that the seed chooses, again and again; then it finishes."""
    chance = random.Random(seed)
    save(BRISK, find_paths().config / "settings.json")
    files = tmp_path / "files"
    files.mkdir()
    for number in range(25):
        photo(files / f"{number}.jpg", number, (64, 48))
    song(files / "song.wav", 20)
    shutil.copy(samples / "night-sky.txt", files)
    before = fingerprints(files)
    seen: set[int] = set()
    for attempt in range(3):
        words = [*PROGRAM, "import", str(files), "--quiet"]
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as program:
            time.sleep(chance.uniform(0.3, 2.0))
            if attempt == 1:
                with contextlib.suppress(psutil.Error):  # it may have ended meanwhile
                    for worker in psutil.Process(program.pid).children():
                        worker.kill()
                time.sleep(chance.uniform(0.1, 0.5))
            program.kill()
        if (home / "data" / "library.sqlite").exists():
            now = {item["id"] for item in ask("list")["items"]}
            assert seen <= now, "what was committed is gone"
            seen = now
    ask("import", files)
    assert len(ask("list")["items"]) == 27
    check_library(home / "data" / "library.sqlite", files)
    assert fingerprints(files) == before


def test_interrupted_in_the_middle_of_three_thousand(tmp_path: Path, home: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    for number in range(3000):
        (files / f"第 {number} 页 🎵.txt").write_text(f"Page {number}: nothing but a few words.", "utf-8")
    (files / "round").symlink_to(files)
    words = [*PROGRAM, "import", str(files), "--no-analyse", "--json", "--quiet"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        library = home / "data" / "library.sqlite"
        end = time.monotonic() + 60
        while not (library.exists() and library.with_name(library.name + "-wal").exists()) and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.15)
        program.send_signal(signal.SIGINT)
        out, said = program.communicate(timeout=60)
    assert "Traceback" not in said.decode()
    assert program.returncode in (0, 130)
    if program.returncode == 130:
        assert json.loads(out)["error"]["code"] == "interrupted"
    kept = len(ask("list")["items"])
    report = ask("import", files, "--no-analyse")
    assert (len(report["added"]), report["known"]) == (3000 - kept, kept)
    again = ask("import", files, "--no-analyse")
    assert (again["added"], again["known"], again["failed"]) == ([], 3000, [])


def test_answers_that_cannot_be_given(tmp_path: Path) -> None:
    name = "🎬 长城 שלום\n\x1b[31m.jpg"
    ask("import", photo(tmp_path / name), "--no-analyse", environment={"LC_ALL": "C", "LANG": "C"})
    shown = run("list", environment={"LC_ALL": "C", "LANG": "C"})
    assert "🎬 长城 שלום".encode() in shown.stdout
    assert b"\x1b" not in shown.stdout
    assert shown.stdout.count(b"\n") == 1, "a name does not break the line"
    assert ask("list", environment={"LC_ALL": "C"})["items"][0]["path"].endswith(name)
    for redirected in ("| head -c 1", ">&-", "2>&-", ">&- 2>&- <&-", "| true"):
        line = f"'{sys.executable}' -m media_assistant list {redirected}"
        done = subprocess.run(["bash", "-c", line], capture_output=True, check=False, timeout=60)
        assert (done.returncode, done.stderr) == (0, b""), redirected
    if Path("/dev/full").exists():
        with open("/dev/full", "wb") as full:
            done = run("list", stdout=full)
        assert done.returncode == 1
        assert done.stderr.decode().startswith("The answer could not be written")


def test_promise_10_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    environment = {"MEDIA_ASSISTANT_HOME": str(tmp_path / "file")}
    assert ask("list", status=1, environment=environment)["error"]["code"] == "jobs.folder_not_writable"
    for settings in ("{", "[1]", '{"language": 7, "memory_limit_mb": "much"}', "\ud800"):
        (tmp_path / "home" / "config").mkdir(parents=True, exist_ok=True)
        (tmp_path / "home" / "config" / "settings.json").write_bytes(settings.encode("utf-8", "surrogatepass"))
        assert ask("list", environment={"MEDIA_ASSISTANT_HOME": str(tmp_path / "home")}) == {"items": []}


def test_promise_1_no_original_is_written_over(material: Path, tmp_path: Path) -> None:
    sound = song(tmp_path / "song.wav", 1)
    known = photo(tmp_path / "known.jpg")
    ask("import", known, "--no-analyse")
    before = fingerprints(tmp_path)
    environment = {"MEDIA_ASSISTANT_MODELS": str(material / "models")}
    for output in (sound, known):
        document = ask("transcribe", sound, "--to", "txt", "--output", output, status=1, environment=environment)
        assert document["error"]["code"] == "cli.is_original"
    ask("transcribe", sound, "--output", tmp_path / "new.srt", environment=environment)
    (tmp_path / "new.srt").unlink()
    document = ask("transcribe", sound, "--output", tmp_path / "new.doc", status=1, environment=environment)
    assert document["error"]["code"] == "workflows.unknown_format"
    (tmp_path / "way").symlink_to(tmp_path)
    output = tmp_path / "way" / "known.jpg"
    document = ask("transcribe", sound, "--to", "txt", "--output", output, status=1, environment=environment)
    assert document["error"]["code"] == "cli.is_original"
    (tmp_path / "way").unlink()
    assert fingerprints(tmp_path) == before
