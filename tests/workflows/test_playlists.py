"""Playlists become collections and collections playlists, whatever the files are called."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assistant.errors import UserFixable
from media_assistant.items.kind import Kind
from media_assistant.library.library import Library, NewItem
from media_assistant.media.playlist import Entry, _path_line, read_playlist, write_playlist
from media_assistant.workflows.intake.bringing_in import bring_in
from media_assistant.workflows.intake.playlists import save_playlist
from tests.workflows.engine import open_assistant


@pytest.fixture
def library(tmp_path: Path) -> Library:
    opened = Library.open(tmp_path / "library.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path, samples: Path) -> Path:
    made = tmp_path / "music"
    (made / "deep").mkdir(parents=True)
    for name in ("a.txt", "b.txt", "deep/c 海.txt"):
        (made / name).write_text(f"This is the text of {name}. " * 20)
    return made


def bring(library: Library, *paths: Path) -> tuple[int, ...]:
    return bring_in(library, paths, None, lambda _: None).added


def held(library: Library, name: str) -> list[str]:
    (collection,) = [each for each in library.collections() if each.name == name]
    return [item.title for item in library.items(library.collection_items(collection.id))]


def test_a_playlist_is_a_collection_of_its_name_in_its_order(library: Library, folder: Path) -> None:
    playlist = folder / "夜 evening.m3u8"
    playlist.write_text("#EXTM3U\n#EXTINF:3,C\ndeep/c 海.txt\nb.txt\nhttp://example.org/x\nb.txt\nnone.mp3\n", "utf-8")
    bring(library, playlist)
    assert held(library, "夜 evening") == ["c 海", "b", "b"], "what it names twice is in it twice"
    assert library.root_paths() == [], "a list is no folder"
    playlist.write_text("#EXTM3U\n#PLAYLIST:夜 Evening\na.txt\nb.txt\n", "utf-8")
    bring(library, playlist, folder)
    assert held(library, "夜 evening") == ["c 海", "b", "b", "a"], "what it lacked is added"
    assert [path for path, _ in library.root_paths()] == [str(folder)]
    library.undo()
    assert held(library, "夜 evening") == ["c 海", "b", "b"]
    assert library.root_paths() == [] and len(library.item_ids()) == 2, "the folder and its files came with that step"
    library.undo()
    assert not library.collections() and not library.item_ids()
    library.redo(), library.redo()
    assert held(library, "夜 evening") == ["c 海", "b", "b", "a"] and len(library.item_ids()) == 3


def test_a_list_of_relative_addresses_finds_its_files(folder: Path) -> None:
    playlist = folder / "vlc.m3u8"
    playlist.write_text("#EXTM3U\ndeep/c%20%E6%B5%B7.txt\na%2Etxt\nnone%20here.mp3\n50%25.txt\n%00.txt\n", "utf-8")
    for name in ("50%25.txt", "50%.txt"):
        (folder / name).write_text("A name may really be so.")
    names = ("deep/c 海.txt", "a.txt", "none%20here.mp3", "50%25.txt", "%00.txt")
    assert read_playlist(playlist).entries == tuple(folder / name for name in names)


def test_lists_in_lists_and_lists_that_name_themselves(library: Library, folder: Path) -> None:
    (folder / "one.m3u").write_text("a.txt\ntwo.m3u8\n", "utf-8")
    (folder / "two.m3u8").write_text("b.txt\none.m3u\ntwo.m3u8\n", "utf-8")
    bring(library, folder / "one.m3u")
    assert held(library, "one") == ["a", "b"]


def test_a_collection_is_written_and_read_back(library: Library, folder: Path, tmp_path: Path) -> None:
    bring(library, folder)
    ids = {item.title: item.id for item in library.items(library.item_ids())}
    wanted = [ids["c 海"], ids["a"]]
    beside = save_playlist(library, "Mine 我的", wanted, folder / "mine")
    assert beside == folder / "mine.m3u8"
    assert beside.read_text("utf-8").splitlines() == [
        "#EXTM3U",
        "#Written by Media Assistant b617fa2e11b89e48",
        "#PLAYLIST:Mine 我的",
        "#EXTINF:-1,c 海",
        "deep/c 海.txt",
        "#EXTINF:-1,a",
        "a.txt",
    ]
    apart = save_playlist(library, "Mine 我的", wanted, tmp_path / "lists.m3u8")
    assert "music/a.txt" in apart.read_text("utf-8")
    other = Library.open(tmp_path / "other.sqlite")
    bring(other, beside)
    assert held(other, "Mine 我的") == ["c 海", "a"]
    other.close()


def test_nothing_that_is_not_ours_is_written_over(library: Library, folder: Path, tmp_path: Path) -> None:
    bring(library, folder)
    ids = list(library.item_ids())
    theirs = tmp_path / "theirs.m3u8"
    theirs.write_text("#EXTM3U\na.mp3\n", "utf-8")
    with pytest.raises(UserFixable, match="playlist_exists"):
        save_playlist(library, "x", ids, theirs)
    assert theirs.read_text("utf-8") == "#EXTM3U\na.mp3\n"
    save_playlist(library, "x", ids, theirs, may_replace=True)
    save_playlist(library, "y", ids, theirs)
    assert "#PLAYLIST:y" in theirs.read_text("utf-8"), "our own is renewed"
    lines = theirs.read_text("utf-8").splitlines()
    theirs.write_text("\n".join([*lines[:3], *lines[5:], *lines[3:5]]) + "\n", "utf-8")
    by_hand = theirs.read_bytes()
    with pytest.raises(UserFixable, match="playlist_exists"):
        save_playlist(library, "z", ids, theirs)
    assert theirs.read_bytes() == by_hand, "put in another order by hand it is theirs"
    original = folder / "a.txt"
    before = original.read_bytes()
    with pytest.raises(UserFixable, match="playlist_is_original"):
        save_playlist(library, "x", ids, original, may_replace=True)
    assert original.read_bytes() == before
    with pytest.raises(UserFixable, match="playlist_not_written"):
        save_playlist(library, "x", ids, tmp_path / "no such folder" / "x.m3u8")
    with pytest.raises(UserFixable, match="playlist_not_written"):
        save_playlist(library, "x", ids, tmp_path / f"{'长' * 120}.m3u8")
    assert sorted(path.name for path in tmp_path.iterdir() if "partial" in path.name) == []


def test_a_long_search_is_kept_twice_under_names_that_fit() -> None:
    quiet = open_assistant(works=False)
    query = "sea " * 100
    for _ in range(3):
        quiet.collections.save_search(query, query).result(30)
    names = [each.name for each in quiet.library.collections()]
    assert len(set(names)) == 3 and max(map(len, names)) <= 200 and {name[-2:] for name in names} >= {" 2", " 3"}
    quiet.close()


@pytest.mark.parametrize("place", [".", "..", "/"])
def test_a_folder_is_no_name_of_a_list(library: Library, folder: Path, place: str) -> None:
    bring(library, folder)
    with pytest.raises(UserFixable, match="playlist_not_written"):
        save_playlist(library, "x", list(library.item_ids()), Path(place))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a pipe")
def test_a_list_goes_through_a_pipe(library: Library, folder: Path, tmp_path: Path) -> None:
    bring(library, folder)
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert save_playlist(library, "x", list(library.item_ids()), tmp_path / "pipe") == tmp_path / "pipe"
        assert b"#PLAYLIST:x" in os.read(reader, 10_000)
    finally:
        os.close(reader)
    assert not (tmp_path / "pipe.m3u8").exists()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("#1 hit.mp3", "C:\\music\\#1 hit.mp3"),
        (" quiet.mp3", "C:\\music\\ quiet.mp3"),
        ("deep\\song.mp3", "deep\\song.mp3"),
        ("海.mp3", "海.mp3"),
    ],
)
def test_on_windows_a_name_is_no_remark(monkeypatch: pytest.MonkeyPatch, name: str, line: str) -> None:
    monkeypatch.setattr(os, "sep", "\\")
    assert _path_line(f"C:\\music\\{name}", PureWindowsPath("C:\\music"), is_windows=True) == line


names = st.text(min_size=1, max_size=30).filter(
    lambda name: "/" not in name and "\0" not in name and name not in (".", "..")
)


@pytest.mark.skipif(sys.platform == "win32", reason="such names cannot be there")
@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        names
        | st.binary(min_size=1, max_size=8)
        .map(os.fsdecode)
        .filter(lambda n: "/" not in n and "\0" not in n and n not in (".", "..")),
        max_size=6,
    ),
    st.text(max_size=40),
)
def test_any_name_survives(found: list[str], title: str) -> None:
    folder = Path(tempfile.gettempdir()) / "some" / "where"
    paths = [str(folder / name) for name in found] + [f"/else/{name}" for name in found]
    text = write_playlist(title, [Entry(path, title, 1000) for path in paths], folder)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "list.m3u8"
        file.write_bytes(text.encode())
        read = read_playlist(file)
        moved = [
            str(folder / path.relative_to(scratch)) if path.is_relative_to(scratch) else str(path)
            for path in read.entries
        ]
        assert moved == [os.path.normpath(path) for path in paths]


def test_a_long_list_of_films_says_how_long_they_are(library: Library, tmp_path: Path) -> None:
    from media_assistant.items.item import Facts

    new = [
        NewItem(Kind.VIDEO, f"/films/{n}.mp4", f"line\nbreak {n}", 1, 1, f"h{n}", Facts(duration_ms=61_400))
        for n in range(2)
    ]
    ids, _ = library.add_items(new)
    text = save_playlist(library, "", ids, tmp_path / "f.m3u8").read_text("utf-8")
    assert "#EXTINF:61,line break 0\n/films/0.mp4\n" in text
