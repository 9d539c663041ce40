"""A new file is there whole or not at all, and takes nobody's name."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from media_assistant.whole_files import is_stream, write_new, write_whole


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


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_link_stays_one_and_what_it_leads_to_is_written(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    file, link, other = tmp_path / "deep" / "film.srt", tmp_path / "link.srt", tmp_path / "deep" / "other.srt"
    file.write_bytes(b"before")
    link.symlink_to("deep/second")
    (tmp_path / "deep" / "second").symlink_to("film.srt")
    write_whole(link, b"words")
    assert link.is_symlink() and file.read_bytes() == b"words" and not file.is_symlink()
    other.symlink_to("not there yet.srt")
    write_whole(other, b"new")
    assert other.is_symlink() and (tmp_path / "deep" / "not there yet.srt").read_bytes() == b"new"
    (tmp_path / "round").symlink_to("round")
    with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
        write_whole(tmp_path / "round", b"x")
    assert not [name for name in os.listdir(tmp_path / "deep") if name.endswith(".tmp")]


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's names of streams")
@pytest.mark.parametrize("name", ["/dev/stdout", "/proc/self/fd/1", "/dev/fd/1", "{folder}/out"])
def test_what_is_written_to_a_stream_goes_through_it(tmp_path: Path, name: str) -> None:
    """Its name stays, also where it is a file: what was there, and what is said afterwards, stay around it."""
    (tmp_path / "out").symlink_to("/dev/stdout")
    program = (
        "import sys; from pathlib import Path; from media_assistant.whole_files import write_whole; "
        "write_whole(Path(sys.argv[1]), b'words\\n')"
    )
    words = [sys.executable, "-c", program, name.format(folder=tmp_path)]
    assert subprocess.run(words, stdout=subprocess.PIPE, timeout=60, check=True).stdout == b"words\n"
    log = tmp_path / "log"
    log.write_bytes(b"before\n")
    with log.open("ab") as out:
        subprocess.run(words, stdout=out, timeout=60, check=True)
    assert log.read_bytes() == b"before\nwords\n" and (tmp_path / "out").is_symlink()


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's devices")
def test_devices_and_pipes_are_streams_and_files_are_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert is_stream(Path("/dev/null")) and is_stream(tmp_path / "pipe")
    (tmp_path / "file").write_bytes(b"")
    assert not any(map(is_stream, (tmp_path, tmp_path / "file", tmp_path / "none", Path("/dev/shm/none.srt"))))
    write_whole(Path("/dev/null"), b"words")
    assert Path("/dev/null").is_char_device()
