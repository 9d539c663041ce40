"""One program at a time, and a dead one holds nothing."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from media_assistant.errors import UserFixable
from media_assistant.jobs.claim import claim_library

ROOT = Path(__file__).resolve().parents[2]


def test_the_second_is_told_plainly_until_the_first_lets_go(tmp_path: Path) -> None:
    library = tmp_path / "影片 library.sqlite"
    first = claim_library(library)
    with pytest.raises(UserFixable) as refused:
        claim_library(library)
    assert refused.value.code == "jobs.library_in_use"
    first.release()
    claim_library(library).release()


def test_a_killed_program_holds_nothing(tmp_path: Path) -> None:
    library = tmp_path / "library.sqlite"
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom media_assistant.jobs.claim import claim_library\n"
        f"claim = claim_library(Path({str(library)!r}))\nprint('held', flush=True)\ntime.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"held"
        with pytest.raises(UserFixable):
            claim_library(library)
        other.kill()
    claim_library(library).release()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserFixable) as refused:
        claim_library(tmp_path / "file" / "library.sqlite")
    assert refused.value.code == "jobs.folder_not_writable"


@pytest.mark.skipif(sys.platform == "win32", reason="locks of Unix")
@pytest.mark.parametrize("fault", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_drive_that_knows_no_locks_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: int) -> None:
    """As the system answers for some drives on a network; it is not taken for a program that is not there."""
    import fcntl

    def refuse(_file: int, _how: int) -> None:
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(UserFixable) as refused:
        claim_library(tmp_path / "library.sqlite")
    assert refused.value.code == "jobs.no_locks"
