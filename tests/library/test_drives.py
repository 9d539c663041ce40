"""A library that lies on another computer's disk is known by what the system says of its drives, and no server is asked."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from media_assistant.errors import UserFixable
from media_assistant.library.drives import is_on_network
from media_assistant.library.library import Library
from tests.library.making import new_item

MOUNTS = rb"""22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw
40 22 0:50 / /mnt/my\040nas rw,relatime shared:9 - cifs //nas/films rw,vers=3.1.1
41 40 0:51 / /mnt/my\040nas/local rw - tmpfs tmpfs rw
42 22 0:52 / /home/ada/remote rw,nosuid shared:2 master:3 - fuse.sshfs ada@server:/ rw
43 22 0:53 / /srv/\346\265\267 rw - nfs4 server:/srv rw
44 22 0:54 / /twice rw - ext4 /dev/sdb1 rw
45 44 0:55 / /twice rw - nfs server:/twice rw
46 22 0:56 / /broken
"""


@pytest.mark.parametrize(
    ("file", "is_remote"),
    [
        ("/library.sqlite", False),
        ("/mnt/my nas/a/library.sqlite", True),
        ("/mnt/my nasty/library.sqlite", False),
        ("/mnt/my nas/local/library.sqlite", False),
        ("/home/ada/remote/library.sqlite", True),
        ("/home/ada/library.sqlite", False),
        ("/srv/海/library.sqlite", True),
        ("/twice/library.sqlite", True),
        ("/broken/library.sqlite", False),
    ],
)
def test_which_drive_holds_a_library(file: str, is_remote: bool) -> None:
    assert is_on_network(Path(file), MOUNTS) is is_remote


def test_this_computers_own_disk_is_none(tmp_path: Path) -> None:
    assert not is_on_network(tmp_path / "library.sqlite")


def test_a_drive_without_shared_memory_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's way for such drives: locks by files, and no memory that two programs could share."""
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect

    def by_dot_files(file: Any, **options: Any) -> sqlite3.Connection:
        return connect(f"file:{file}?vfs=unix-dotfile", uri=True, **options)

    monkeypatch.setattr(sqlite3, "connect", by_dot_files)
    with pytest.raises(UserFixable) as fault:
        Library.open(tmp_path / "library.sqlite")
    assert fault.value.code == "library.no_shared_memory"


def test_promise_10_a_library_that_was_moved_away_while_open_takes_no_edit(tmp_path: Path) -> None:
    place, gone = tmp_path / "drive", tmp_path / "gone"
    library = Library.open(place / "library.sqlite")
    try:
        library.add_items([new_item(1)])
        place.rename(gone)
        with pytest.raises(UserFixable) as fault:
            library.add_items([new_item(2)])
        assert fault.value.code == "library.vanished"
        place.mkdir()
        (place / "library.sqlite").write_bytes(b"another file")
        with pytest.raises(UserFixable) as fault:
            library.add_items([new_item(2)])
        assert fault.value.code == "library.vanished", "another file in its place is not it"
        (place / "library.sqlite").unlink()
        place.rmdir()
        gone.rename(place)
        ids, _ = library.add_items([new_item(2)])
        assert len(ids) == 1, "back again"
    finally:
        library.close()
