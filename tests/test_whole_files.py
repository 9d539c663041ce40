"""A new file is there whole or not at all, and takes nobody's name."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from media_assistant.whole_files import write_new


def refuse(_from: object, _to: object) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


@pytest.mark.parametrize("has_second_names", [True, False])
def test_a_new_file_is_whole_and_takes_no_name_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_second_names: bool
) -> None:
    if not has_second_names:
        monkeypatch.setattr(os, "link", refuse)
    mine, theirs = tmp_path / "film.en.srt", tmp_path / "other.en.srt"
    theirs.write_bytes(b"theirs")
    write_new(mine, b"words")
    with pytest.raises(FileExistsError):
        write_new(theirs, b"words")
    assert (mine.read_bytes(), theirs.read_bytes()) == (b"words", b"theirs")
    assert sorted(tmp_path.iterdir()) == [mine, theirs]


def test_a_new_file_is_never_seen_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes | None] = []
    file = tmp_path / "film.en.srt"

    def looks(do: Callable[..., None]) -> Callable[..., None]:
        def looked(*args: object) -> None:
            seen.append(file.read_bytes() if file.exists() else None)
            do(*args)
            seen.append(file.read_bytes() if file.exists() else None)

        return looked

    for name in ("link", "rename", "replace", "unlink"):
        monkeypatch.setattr(os, name, looks(getattr(os, name)))
    write_new(file, b"words")
    assert set(seen) == {None, b"words"}


def test_a_failed_one_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match=os.strerror(errno.EPERM)):
        write_new(tmp_path / "film.en.srt", b"words")
    assert not list(tmp_path.iterdir())
