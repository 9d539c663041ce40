"""The developers' front door: what a status says, and an environment that was interrupted, moved or made twice at once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "build"))

import dev  # noqa: E402

SET_UP = "import dev; dev.set_up(with_system_packages=False)"
INTERRUPTED = f"""
import subprocess
call = subprocess.call
def interrupted(command, **how):
    if "compileall" in command:
        raise KeyboardInterrupt
    return call(command, **how)
subprocess.call = interrupted
{SET_UP}
"""
# A program with one command, built by its own means: nothing is fetched.
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = """
import zipfile
from pathlib import Path

ABOUT = "tiny-1.dist-info"

def build_editable(folder, settings=None, metadata=None):
    files = {
        "tiny.pth": str(Path.cwd()),
        "tiny_inside.py": "def main():\\n    pass\\n",
        f"{ABOUT}/METADATA": "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\n",
        f"{ABOUT}/WHEEL": "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        f"{ABOUT}/entry_points.txt": "[console_scripts]\\ntiny = tiny_inside:main\\n",
    }
    with zipfile.ZipFile(Path(folder, "tiny-1-py3-none-any.whl"), "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
        wheel.writestr(f"{ABOUT}/RECORD", "".join(f"{name},,\\n" for name in [*files, f"{ABOUT}/RECORD"]))
    return "tiny-1-py3-none-any.whl"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh clone of a tiny program, with our front door."""
    root = tmp_path / "clone"
    (root / "build").mkdir(parents=True)
    (root / "media_assistant").mkdir()
    shutil.copy(ROOT / "build" / "dev.py", root / "build")
    (root / "build" / "requirements.lock").touch()
    (root / "pyproject.toml").write_text(PROJECT)
    (root / "backend.py").write_text(BACKEND)
    return root


def start(root: Path, code: str = SET_UP) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    environment |= {"PYTHONPATH": str(root / "build"), "PIP_NO_INDEX": "1"}
    command = [sys.executable, "-c", code]
    return subprocess.Popen(
        command, cwd=root, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def told(process: subprocess.Popen[str], *, statuses: Sequence[int] = (0,)) -> str:
    printed, said = process.communicate(timeout=300)
    assert process.returncode in statuses, said
    assert printed == "", "what is printed is for those who read it as JSON"
    return said


def tool_works(root: Path) -> bool:
    tool = root / ".venv" / "bin" / "tiny"
    try:
        return subprocess.call([str(tool)]) == 0
    except OSError:
        return False


@pytest.mark.skipif(os.name == "nt", reason="nobody is killed by a signal there")
def test_one_that_is_killed_is_no_success() -> None:
    killed = [sys.executable, "-c", f"import os; os.kill(os.getpid(), {int(signal.SIGKILL)})"]
    good, bad = ([sys.executable, "-c", f"raise SystemExit({status})"] for status in (0, 3))
    assert dev.call_each([killed, good]) == 9
    assert dev.call_each([good, bad, killed]) == 3
    assert dev.call_each([good, good]) == 0


def test_a_folder_for_a_benchmark_is_named_from_where_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(dev, "set_up", lambda: None)
    monkeypatch.setattr(dev, "call_each", lambda commands, environment: ran.extend(commands) or 0)
    monkeypatch.chdir(tmp_path)
    assert dev.bench(["search", "--media", "similar", "--half", "dev", "similar", "--home=kept", "--items", "0"]) == 0
    assert [[Path(command[1]).name, *command[2:]] for command in ran] == [
        ["bench_search.py", "--media", str(tmp_path / "similar"), "--half", "dev"],
        ["bench_similar.py", f"--home={tmp_path / 'kept'}", "--items", "0"],
    ]


@pytest.mark.skipif(os.name == "nt", reason="programs of an environment lie elsewhere there")
def test_what_was_interrupted_or_moved_is_made_anew(checkout: Path) -> None:
    told(start(checkout, INTERRUPTED), statuses=(1, 130, -2))
    (inside,) = (checkout / ".venv").glob("lib/*/site-packages/tiny_inside.py")
    compiled = inside.parent / "__pycache__"
    assert not list(compiled.glob("tiny_inside*"))
    assert "Setting up" in told(start(checkout))
    assert list(compiled.glob("tiny_inside*"))
    assert told(start(checkout)) == ""

    # pip was only half there when it ended: importable, and of no use.
    shutil.rmtree(inside.parent / "pip" / "_vendor")
    for about in inside.parent.glob("pip-*.dist-info"):
        (about / "RECORD").unlink()
    (checkout / ".venv" / "set-up-pyproject.toml").unlink()
    assert "Setting up" in told(start(checkout))
    assert tool_works(checkout)

    moved = checkout.rename(checkout.with_name("moved"))
    assert not tool_works(moved)
    assert "Setting up" in told(start(moved))
    assert tool_works(moved)


@pytest.mark.skipif(os.name == "nt", reason="programs of an environment lie elsewhere there")
def test_two_at_once_make_one_environment(checkout: Path) -> None:
    said = [told(each) for each in [start(checkout), start(checkout)]]
    assert sorted("Setting up" in each for each in said) == [False, True], said
    assert tool_works(checkout)
