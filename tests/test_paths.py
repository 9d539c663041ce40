"""Where things live, and who may look there."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from media_assistant.paths import find_paths

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.skipif(sys.platform == "win32", reason="a person's own folders there are nobody else's")
def test_nobody_else_on_the_computer_reads_what_the_program_keeps(home: Path) -> None:
    paths = find_paths()
    assert not paths.data.exists()
    command = [sys.executable, "-m", "media_assistant", "backup"]
    subprocess.run(command, cwd=ROOT, check=True, umask=0o022, capture_output=True)
    kept = (paths.data, paths.cache, paths.config, paths.logs, paths.backups)
    assert {folder.name: stat.S_IMODE(folder.stat().st_mode) for folder in kept} == dict.fromkeys(
        (folder.name for folder in kept), 0o700
    )
