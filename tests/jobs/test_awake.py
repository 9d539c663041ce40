"""The computer stays awake for work: a real program is held open, and ends with us."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from media_assistant.jobs.awake import StayAwake, holder_command
from media_assistant.jobs.outside import environment_outside
from tests.workflows.engine import wait_for


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with an inhibitor that does what the real ones do: hold until the program given to it ends."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("systemd-inhibit", "gnome-session-inhibit", "caffeinate"):
        file = folder / name
        file.write_text(f'#!/bin/sh\necho "$0 $*" >> "{tmp_path}/held"\nexec cat\n')
        file.chmod(0o755)
    (folder / "cat").symlink_to("/bin/cat")
    return folder


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.skipif(sys.platform == "win32", reason="there it is one call of the system")
def test_it_is_held_and_let_go(programs: Path, tmp_path: Path) -> None:
    awake = StayAwake("linux", {"PATH": str(programs)})
    awake.hold("understanding")
    awake.hold("understanding")
    held = tmp_path / "held"
    wait_for(lambda: held.exists() and "\n" in held.read_text())  # opened it is a moment before it is written
    assert awake.is_held
    pid = awake._process.pid  # type: ignore[union-attr]
    awake.release()
    assert not awake.is_held
    wait_for(lambda: is_gone(pid))
    assert held.read_text().count("\n") == 1
    awake.release()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="of Linux")
def test_it_is_held_with_the_systems_own_libraries(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    (programs / "systemd-inhibit").write_text(
        f'#!/bin/sh\n/usr/bin/env > "{tmp_path}/held.new"\n/bin/mv "{tmp_path}/held.new" "{tmp_path}/held"\nexec cat\n'
    )
    awake = StayAwake("linux", {"PATH": str(programs), "LD_LIBRARY_PATH": "/ours", "QT_PLUGIN_PATH": "/ours/plugins"})
    awake.hold("understanding")
    wait_for((tmp_path / "held").exists)
    awake.release()
    assert "/ours" not in (tmp_path / "held").read_text()
    before = environment_outside({"LD_LIBRARY_PATH": "/ours", "LD_LIBRARY_PATH_ORIG": "/theirs", "HOME": "/h"})
    assert before == {"LD_LIBRARY_PATH": "/theirs", "HOME": "/h"}
    monkeypatch.setattr(sys, "frozen", False)
    assert environment_outside({"LD_LIBRARY_PATH": "/theirs"}) == {"LD_LIBRARY_PATH": "/theirs"}


def test_the_desktops_own_way_comes_first(programs: Path) -> None:
    path = {"PATH": str(programs)}
    assert holder_command("linux", path, "w")[0] == "systemd-inhibit"
    assert holder_command("linux", {**path, "XDG_CURRENT_DESKTOP": "ubuntu:GNOME"}, "w")[0] == "gnome-session-inhibit"
    # Plasma without its own tool.
    assert holder_command("linux", {**path, "XDG_CURRENT_DESKTOP": "KDE"}, "w")[0] == "systemd-inhibit"
    assert holder_command("darwin", path, "w") == ["caffeinate", "-i", "cat"]


def test_where_nothing_can_be_done_it_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    awake = StayAwake("linux", {"PATH": str(tmp_path)})
    with caplog.at_level("INFO"):
        awake.hold("understanding")
    assert not awake.is_held
    assert "may fall asleep" in caplog.text
    awake.release()
