from __future__ import annotations

import io
import ntpath
import os
import random
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import IO

import pytest

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.media import walk as walking
from media_assistant.media.identity import full_hash, is_same_content, quick_hash
from media_assistant.media.playlist import is_network_path, path_of_address
from media_assistant.media.walk import Ignored, Walked, is_passed_over, walk
from media_assistant.paths import absolute


def files(*paths: Path) -> list[str]:
    return [met.path.name for met in walk(paths) if isinstance(met, Walked)]


def reasons(*paths: Path) -> dict[str, str]:
    return {met.path.name: met.reason.code for met in walk(paths) if isinstance(met, Ignored)}


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_files_in_order_with_their_facts(tmp_path: Path) -> None:
    touch(tmp_path / "b.mp4", tmp_path / "a.jpg", tmp_path / "sub" / "c.mp3", tmp_path / "sub" / "deep" / "d.txt")
    assert files(tmp_path) == ["a.jpg", "b.mp4", "c.mp3", "d.txt"]
    (met, *_) = walk([tmp_path / "a.jpg"])
    stat = (tmp_path / "a.jpg").stat()
    assert met == Walked(tmp_path / "a.jpg", 1, stat.st_mtime_ns, stat.st_ino)


def test_hidden_things_and_sidecars_are_left_with_a_reason(tmp_path: Path) -> None:
    names = [
        "film.mkv",
        "film.srt",
        "film.zh.srt",
        "film.zh-Hans.forced.ass",
        "song.mp3",
        "song.lrc",
        "lonely.srt",
        "IMG_1.xmp",
        ".DS_Store",
        "Thumbs.db",
        ".hidden.mp4",
    ]
    touch(*(tmp_path / name for name in names))
    assert files(tmp_path) == ["film.mkv", "lonely.srt", "song.mp3"]
    found = reasons(tmp_path)
    assert {
        found[name] for name in ("film.srt", "film.zh.srt", "film.zh-Hans.forced.ass", "song.lrc", "IMG_1.xmp")
    } == {"ignored.media.sidecar"}
    assert {found[name] for name in (".DS_Store", "Thumbs.db", ".hidden.mp4")} == {"ignored.media.hidden"}


def test_what_the_program_keeps_for_itself_is_left_alone_whichever_way_leads_to_it(tmp_path: Path) -> None:
    cache, lock = tmp_path / "media" / "cache", tmp_path / "media" / "library.sqlite.lock"
    touch(tmp_path / "media" / "a.jpg", cache / "thumbnail.jpg", lock)
    (tmp_path / "link").symlink_to(tmp_path / "media")
    own = [cache, lock, tmp_path / "not there"]
    for named in (tmp_path / "media", tmp_path / "link", cache, cache / "thumbnail.jpg", tmp_path / "link" / "cache"):
        met = list(walk([named], own))
        assert [each.path.name for each in met if isinstance(each, Walked)] in (["a.jpg"], [])
        assert {each.reason.code for each in met if isinstance(each, Ignored)} == {"ignored.media.own"}


def test_what_windows_keeps_for_itself_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path / "film.mp4", tmp_path / "My Music" / "song.mp3")
    monkeypatch.setattr(sys, "platform", "win32")
    protected = SimpleNamespace(st_file_attributes=0x2416)  # as junctions of older versions have it
    for attributes, is_left in ((0x2416, True), (0x2412, False), (0x10, False)):
        protected.st_file_attributes = attributes
        entry = SimpleNamespace(name="My Music", path="", stat=lambda *, follow_symlinks: protected)
        assert walking._why_left(entry, ()) == ("ignored.media.hidden" if is_left else "")


def test_what_macos_shows_as_one_file_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "Photos Library.photoslibrary" / "originals" / "0" / "a.jpg"
    touch(inside, tmp_path / "b.jpg", tmp_path / "no folder.app")
    assert files(tmp_path) == ["b.jpg", "no folder.app", "a.jpg"]
    monkeypatch.setattr(sys, "platform", "darwin")
    assert files(tmp_path) == ["b.jpg", "no folder.app"]
    assert reasons(tmp_path) == {"Photos Library.photoslibrary": "ignored.media.hidden"}
    assert is_passed_over(str(inside), str(tmp_path)) and not is_passed_over(str(tmp_path / "b.jpg"), str(tmp_path))
    # Whoever names it means what is in it.
    library = tmp_path / "Photos Library.photoslibrary"
    assert files(library) == ["a.jpg"] and not is_passed_over(str(inside), str(library))


def test_a_drive_that_numbers_nothing_is_walked_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path / "a" / "one.mp4", tmp_path / "a" / "deep" / "two.mp4", tmp_path / "own" / "cache.jpg")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    for name in ("x.m3u", "y.m3u"):
        (tmp_path / name).write_text(f"{name[0]}.mp4")
        touch(tmp_path / f"{name[0]}.mp4")
    stat = os.stat

    def without_numbers(path: Path, **how: bool) -> os.stat_result:
        found = list(stat(path, **how))
        found[1] = 0
        return os.stat_result(found)

    monkeypatch.setattr(os, "stat", without_numbers)
    met = list(walk([tmp_path], [tmp_path / "own"]))
    assert sorted(each.path.name for each in met if isinstance(each, Walked)) == [
        "one.mp4", "two.mp4", "x.mp4", "x.mp4", "y.mp4", "y.mp4"
    ]  # fmt: skip
    assert [each.path.name for each in met if isinstance(each, Ignored)] == ["own"]


def test_the_letter_of_a_drive_is_a_capital_however_it_was_typed() -> None:
    for typed, whole in (
        ("d:\\a\\b.mp4", "D:\\a\\b.mp4"),
        ("D:/a", "D:\\a"),
        ("d:\\", "D:\\"),
        ("\\\\nas\\s\\a", "\\\\nas\\s\\a"),
    ):
        assert absolute(typed, ntpath) == whole
    assert absolute("/d:/a/../b") == "/d:/b"


def test_symlink_loops(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "one.mp4")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    (tmp_path / "b").symlink_to(tmp_path / "a")
    (tmp_path / "a" / "self").symlink_to("self")
    (tmp_path / "a" / "broken.mp4").symlink_to("nowhere")
    assert files(tmp_path) == ["one.mp4"]
    assert reasons(tmp_path)["broken.mp4"] == "error.media.vanished"
    assert "self" in reasons(tmp_path)


def test_pipes_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    assert reasons(tmp_path) == {"pipe.mp4": "ignored.media.not_a_file"}


def test_playlists(tmp_path: Path) -> None:
    touch(tmp_path / "music" / "一.mp3", tmp_path / "music" / "two words.mp3", tmp_path / "music" / "three.mp3")
    inner, outer = tmp_path / "inner.m3u8", tmp_path / "lists" / "outer.m3u"
    outer.parent.mkdir()
    inner.write_text("#EXTM3U\n#EXTINF:1,x\nmusic/一.mp3\nlists/outer.m3u\n", "utf-8")
    lines = [
        "../inner.m3u8",
        "..\\music\\two words.mp3",
        (tmp_path / "music" / "three.mp3").as_uri(),
        "gone.mp3",
        "https://example.invalid/a.mp3",
        "",
    ]
    outer.write_bytes("\r\n".join(lines).encode("gbk"))
    assert files(outer) == ["一.mp3", "two words.mp3", "three.mp3"]
    found = reasons(outer)
    assert found["gone.mp3"] == "error.media.vanished"
    assert found["outer.m3u"] == "ignored.media.network"
    assert files(inner) == ["一.mp3", "two words.mp3", "three.mp3"]


def test_a_stream_playlist_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "live.m3u8"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\nseg0.ts\n")
    assert reasons(path) == {"live.m3u8": "ignored.media.stream_playlist"}


def test_named_twice_comes_once(tmp_path: Path) -> None:
    touch(tmp_path / "a.mp4")
    assert files(tmp_path / "a.mp4", tmp_path / "." / "a.mp4") == ["a.mp4"]


@pytest.mark.parametrize("name", ["😀.mp4", "שלום.mp3", "two\nlines.txt", "é" * 125 + ".jpg", "电影.mkv"])
def test_odd_names(tmp_path: Path, name: str) -> None:
    touch(tmp_path / name)
    assert len(os.fsencode(name)) <= 255
    assert files(tmp_path) == [name]


def test_names_that_are_no_text(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xb5\xe7\xd3\xb0.mp4")
    touch(tmp_path / name)
    assert files(tmp_path) == [name]
    assert quick_hash(tmp_path / name)


def test_what_is_not_there(tmp_path: Path) -> None:
    assert reasons(tmp_path / "gone") == {"gone": "error.media.vanished"}
    with pytest.raises(UserFixable) as caught:
        quick_hash(tmp_path / "gone")
    assert caught.value.code == "media.vanished"


def test_hashes_know_content(tmp_path: Path) -> None:
    one, same, other = tmp_path / "one", tmp_path / "same", tmp_path / "other"
    data = bytearray(os.urandom(400_000))
    one.write_bytes(data)
    same.write_bytes(data)
    data[200_000] ^= 1
    other.write_bytes(data)
    assert quick_hash(one) == quick_hash(same) != quick_hash(other)
    data[100_000] ^= 1
    same.write_bytes(data)
    assert quick_hash(same) == quick_hash(other)
    assert full_hash(same) != full_hash(other) and not is_same_content(same, other)
    other.write_bytes(data)
    assert is_same_content(same, other)
    one.write_bytes(b"")
    assert len(quick_hash(one)) == len(full_hash(one)) == 40


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_no_link_and_no_list_leads_into_the_programs_own_folders(tmp_path: Path) -> None:
    own, media = tmp_path / "own", tmp_path / "media"
    touch(own / "previews" / "1.jpg", own / "2.jpg", media / "mine.jpg")
    (media / "whole").symlink_to(own, target_is_directory=True)
    (media / "inside").symlink_to(own / "previews", target_is_directory=True)
    (media / "list.m3u8").write_text("mine.jpg\n../own/2.jpg\n")
    met = list(walk([media], [own]))
    assert {each.path.name for each in met if isinstance(each, Walked)} == {"mine.jpg"}
    assert {each.path.name for each in met if isinstance(each, Ignored)} == {"2.jpg", "whole", "inside"}


class Slow(type(Path())):  # type: ignore[misc]
    """A file as some networks give it: of what is asked for the first few thousand bytes, each time another number."""

    def open(self, mode: str = "r", buffering: int = -1) -> IO[bytes]:  # type: ignore[override]
        raw = Sips(self, mode)
        return raw if buffering == 0 else io.BufferedReader(raw)


class Sips(io.FileIO):
    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return super().readinto(memoryview(buffer)[: random.randrange(1000, 5000)])

    def read(self, size: int = -1) -> bytes:
        return super().read(min(size, random.randrange(1000, 5000)))


def test_what_a_network_gives_by_sips_is_the_same(tmp_path: Path) -> None:
    data = bytearray(os.urandom(2_500_000))
    for name in ("one", "same", "other"):
        data[-100_000] ^= name == "other"
        (tmp_path / name).write_bytes(data)
    one, same, other = (Slow(tmp_path / name) for name in ("one", "same", "other"))
    assert quick_hash(one) == quick_hash(tmp_path / "one") == quick_hash(other)
    assert is_same_content(one, same) and not is_same_content(one, other)
    with pytest.raises(Cancelled):
        is_same_content(one, same, should_stop=lambda: True)


def test_promise_12_lists_a_thousand_deep_and_in_circles_are_read_once(tmp_path: Path) -> None:
    touch(tmp_path / "song.mp3")
    for number in range(1500):
        (tmp_path / f"{number}.m3u").write_text(f"{(number + 1) % 1500}.m3u\n" + "song.mp3\n" * (number == 1499))
    assert files(tmp_path / "0.m3u") == ["song.mp3"]
    assert set(files(tmp_path)) == {"song.mp3"}


@pytest.mark.parametrize(
    "line", ["/", "..", ".", "file:///", "file://[", "file://[::1", "x" * 5000, "a\\" * 2000, "\0", "file:%00"]
)
def test_promise_12_a_line_of_a_list_brings_in_no_folder_and_stops_nothing(tmp_path: Path, line: str) -> None:
    touch(tmp_path / "lists" / "song.mp3", tmp_path / "private.txt")
    path = tmp_path / "lists" / "list.m3u"
    path.write_text(f"{line}\nsong.mp3\n")
    assert files(path) == ["song.mp3"]


@pytest.mark.skipif(sys.platform != "linux", reason="only there the system shows itself as files")
def test_promise_12_links_to_what_lies_above_or_to_the_system_bring_nothing_in(tmp_path: Path) -> None:
    touch(tmp_path / "private.txt", tmp_path / "dropped" / "song.mp3")
    for name, target in (
        ("up", ".."),
        ("disk", "/"),
        ("self", "."),
        ("processes", "/proc"),
        ("devices", "/dev"),
    ):
        (tmp_path / "dropped" / name).symlink_to(target)
    assert files(tmp_path / "dropped") == ["song.mp3"]


def test_a_system_without_mounts_of_its_own_is_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a bare system inside another one `/dev` is a folder like any."""
    touch(tmp_path / "dropped" / "song.mp3")
    monkeypatch.setattr("media_assistant.media.walk._OF_THE_KERNEL", (os.sep,))
    assert files(tmp_path / "dropped") == ["song.mp3"]


def test_promise_12_a_list_never_asks_another_computer() -> None:
    for line in ("\\\\evil\\share\\a.mp3", "//evil/share/a.mp3", "file://evil/share/a.mp3", "file:\\\\evil\\share\\a"):
        assert is_network_path(line, "C:\\music", is_windows=True)
    assert not is_network_path("\\\\nas\\music\\a.mp3", "\\\\nas\\music\\lists", is_windows=True)
    assert not is_network_path("C:\\music\\a.mp3", "C:\\lists", is_windows=True)


@pytest.mark.parametrize(
    "address",
    [
        "file://evil/share/a.mp3",
        "FILE:////evil/share/a.mp3",
        "file://///evil/share/a.mp3",
        "file:/%2Fevil/share/a.mp3",
        "file:///%2fevil/share/a.mp3",
        "file:/%5Cevil%5Cshare%5Ca.mp3",
        "File:%5c%5cevil%5cshare%5ca.mp3",
        "file:///%5C%5C?%5CUNC%5Cevil%5Cshare%5Ca.mp3",
        "file:%2F%2F%3F/UNC/evil/share/a.mp3",
    ],
)
def test_promise_12_a_share_that_shows_only_when_an_address_is_decoded_is_not_asked(address: str) -> None:
    assert path_of_address(address, "C:\\music", is_windows=True) is None
    assert path_of_address(address.replace("evil", "nas"), "\\\\other\\music", is_windows=True) is None


def test_addresses_in_lists_lead_to_this_computer_and_to_the_lists_own_share() -> None:
    assert path_of_address("file:///C:/a%20b.mp3", "C:\\music", is_windows=True) == "C:/a b.mp3"
    assert path_of_address("FILE:///d:/a.mp3", "C:\\music", is_windows=True) == "d:/a.mp3"
    assert path_of_address("file://localhost/C:/a.mp3", "C:\\music", is_windows=True) == "C:/a.mp3"
    assert path_of_address("file:////nas/music/a.mp3", "\\\\nas\\music\\lists", is_windows=True) == "//nas/music/a.mp3"
    assert path_of_address("file:///music/a%231.mp3", "/lists", is_windows=False) == "/music/a#1.mp3"
