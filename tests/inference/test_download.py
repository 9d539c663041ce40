"""Downloads against a real server on this machine that speaks the hub's protocol."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.inference.card import load_card
from media_assistant.inference.catalogue import CatalogueEntry
from media_assistant.inference.download import download, fetch_file, plan
from media_assistant.inference.image_text import ImageText
from media_assistant.inference.install import import_folder, parts_folder, remove, to_toml, work_folder
from media_assistant.inference.store import ModelStore, State
from media_assistant.inference.verify import sha256_of
from tests.inference.conftest import CARD
from tests.inference.hub import COMMIT, Hub, serving

FILES = ("onnx/vision_model.onnx", "onnx/text_model.onnx", "tokenizer.json", "preprocessor_config.json")


@pytest.fixture
def hub(
    make_clip: Callable[..., Path], loopback_allowed: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Hub]:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    source = make_clip(tmp_path / "source")
    found = {name: (source / name).read_bytes() for name in FILES}
    # Weights that take more than one block, so that there is a middle to stop in.
    found["onnx/weights-extra.bin"] = bytes(range(256)) * 4096 * 12
    with serving(found) as server:
        yield server


@pytest.fixture
def entry() -> CatalogueEntry:
    return CatalogueEntry(
        id="tiny",
        task="image-text-embedding",
        repo="someone/tiny",
        revision="main",
        files=(*FILES, "onnx/weights-extra.bin"),
        optional_files=("not-there.json",),
        size_bytes=0,
        licence="MIT",
        languages=("en",),
        is_checked=False,
        suits="small",
        card=CARD,
    )


def code_of(work: Callable[[], object]) -> str:
    with pytest.raises(UserFixable) as caught:
        work()
    return caught.value.code


def test_sizes_are_known_before(hub: Hub, entry: CatalogueEntry) -> None:
    told = plan(entry, hub.address)
    assert told.size_bytes == sum(map(len, hub.files.values()))
    assert told.revision == COMMIT
    assert all(method == "HEAD" for method, _, _ in hub.requests)
    # From the first answer on everything comes from one commit.
    assert all(f"/resolve/{COMMIT}/" in path for _, path, _ in hub.requests[1:])


def test_a_model_arrives_whole_and_works(hub: Hub, entry: CatalogueEntry, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    user = tmp_path / "user"
    card = download(entry, user, server=hub.address, progress=lambda done, total: seen.append((done, total)))
    assert card.folder == user / "tiny"
    assert card.revision == COMMIT
    assert set(card.sha256) == set(hub.files)
    total = sum(map(len, hub.files.values()))
    assert seen[-1] == (total, total)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert ImageText(card).embed_texts(["a red dog"]).shape == (1, 16)
    assert sorted(path.name for path in user.iterdir() if path.name[0] != ".") == ["tiny"]
    assert not list((user / ".arriving").rglob("*.onnx"))
    assert code_of(lambda: download(entry, user, server=hub.address)) == "model.exists"


def test_a_stopped_download_goes_on_where_it_was(hub: Hub, entry: CatalogueEntry, tmp_path: Path) -> None:
    user, done = tmp_path / "user", [0]

    def progress(bytes_done: int, _: int) -> None:
        done[0] = bytes_done

    stop_at = len(hub.files["onnx/weights-extra.bin"]) // 2
    with pytest.raises(Cancelled):
        download(entry, user, server=hub.address, progress=progress, should_stop=lambda: done[0] > stop_at)
    assert not (user / "tiny").exists()
    hub.requests.clear()
    card = download(entry, user, server=hub.address)
    fetched = [(path.rsplit("/", 1)[-1], wanted) for method, path, wanted in hub.requests if method == "GET"]
    # The finished files are not fetched again, the half one from its middle.
    assert [name for name, _ in fetched] == ["weights-extra.bin"]
    assert int(fetched[0][1].removeprefix("bytes=").removesuffix("-")) > 1 << 20
    assert (
        sha256_of(card.folder / "onnx" / "weights-extra.bin")
        == hashlib.sha256(hub.files["onnx/weights-extra.bin"]).hexdigest()
    )


def test_a_lost_connection_is_taken_up_again(hub: Hub, entry: CatalogueEntry, tmp_path: Path) -> None:
    hub.hang_up_after = 3_000_000
    card = download(entry, tmp_path / "user", server=hub.address)
    assert (card.folder / "onnx/weights-extra.bin").read_bytes() == hub.files["onnx/weights-extra.bin"]
    assert any(wanted.startswith("bytes=") for _, _, wanted in hub.requests)


@pytest.mark.parametrize("name", ["onnx/text_model.onnx", "tokenizer.json"])
def test_a_file_that_arrives_wrong_is_thrown_away(hub: Hub, entry: CatalogueEntry, tmp_path: Path, name: str) -> None:
    """By sha256 for large files, by git's sha1 for small ones."""
    hub.spoil = name
    assert code_of(lambda: download(entry, tmp_path / "user", server=hub.address)) == "download.broken"
    assert not (tmp_path / "user" / "tiny").exists()
    hub.spoil = ""
    hub.requests.clear()
    download(entry, tmp_path / "user", server=hub.address)
    assert FILES[0] not in [path.split(COMMIT + "/")[-1] for method, path, _ in hub.requests if method == "GET"]


def test_a_file_that_changed_meanwhile_starts_anew(hub: Hub, entry: CatalogueEntry, tmp_path: Path) -> None:
    user, done = tmp_path / "user", [0]

    def progress(bytes_done: int, _: int) -> None:
        done[0] = bytes_done

    with pytest.raises(Cancelled):
        download(entry, user, server=hub.address, progress=progress, should_stop=lambda: done[0] > 3 << 20)
    hub.files["onnx/weights-extra.bin"] = bytes(reversed(hub.files["onnx/weights-extra.bin"]))
    card = download(entry, user, server=hub.address)
    assert (card.folder / "onnx" / "weights-extra.bin").read_bytes() == hub.files["onnx/weights-extra.bin"]


def test_faults_of_the_server_are_sentences(hub: Hub, entry: CatalogueEntry, tmp_path: Path) -> None:
    user = tmp_path / "user"
    del hub.files["tokenizer.json"]
    assert code_of(lambda: download(entry, user, server=hub.address)) == "download.not_found"
    hub.status = 403
    assert code_of(lambda: download(entry, user, server=hub.address)) == "download.refused"
    hub.status = 418
    assert code_of(lambda: download(entry, user, server=hub.address)) == "download.failed"
    assert code_of(lambda: download(entry, user, server="http://127.0.0.1:9")) == "download.offline"


KILLED = """
import os, signal, sys
from pathlib import Path
from media_assistant.inference.catalogue import load_catalogue
from media_assistant.inference.download import download

entry = load_catalogue(Path(sys.argv[1]))["tiny"]
def progress(done, total):
    if done > int(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)
download(entry, Path(sys.argv[2]), server=sys.argv[3], progress=progress)
"""


def test_a_killed_download_goes_on_where_it_was(hub: Hub, entry: CatalogueEntry, tmp_path: Path) -> None:
    user, half = tmp_path / "user", len(hub.files["onnx/weights-extra.bin"]) // 2
    table = {"id": "tiny", "repo": entry.repo, "revision": "main", "files": list(entry.files), "licence": "MIT"}
    catalogue = tmp_path / "catalogue.toml"
    card = {key: value for key, value in CARD.items() if key not in {"id", "licence"}}
    catalogue.write_text("[[model]]\n" + to_toml(table) + "[model.card]\n" + to_toml(card), "utf-8")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(catalogue), str(user), hub.address, str(half)],
        env={**os.environ, "HF_HUB_OFFLINE": "0"},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert not (user / "tiny").exists()
    assert ModelStore([], user, tmp_path / "none", catalogue).states()[0].state is State.AVAILABLE
    hub.requests.clear()
    done = download(entry, user, server=hub.address)
    fetched = [(path.rsplit("/", 1)[-1], wanted) for method, path, wanted in hub.requests if method == "GET"]
    assert [name for name, _ in fetched] == ["weights-extra.bin"]
    assert int(fetched[0][1].removeprefix("bytes=").removesuffix("-")) >= half - (1 << 20)
    assert (done.folder / "onnx/weights-extra.bin").read_bytes() == hub.files["onnx/weights-extra.bin"]


def damage(file: Path) -> None:
    """One bit of the middle, and the time of now."""
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


@pytest.mark.parametrize("how", ["changed", "cut short", "gone", "no card"])
def test_a_broken_model_is_recognised_and_only_its_broken_file_is_fetched(
    hub: Hub, entry: CatalogueEntry, tmp_path: Path, how: str
) -> None:
    user = tmp_path / "user"
    folder = download(entry, user, server=hub.address).folder
    store = ModelStore([], user, tmp_path / "none", tmp_path / "none.toml")
    assert [state.state for state in store.states()] == [State.READY]
    broken = folder / ("model.toml" if how == "no card" else "onnx/text_model.onnx")
    match how:
        case "changed":
            damage(broken)
        case "cut short":
            os.truncate(broken, broken.stat().st_size // 2)
        case _:
            broken.unlink()
    store.check_doubtful()
    (state,) = store.states()
    assert state.state is State.BROKEN
    assert how == "no card" or state.broken_files == ("onnx/text_model.onnx",)
    hub.requests.clear()
    mended = download(entry, user, server=hub.address, repairs=True)
    fetched = {path.split(COMMIT + "/")[-1] for method, path, _ in hub.requests if method == "GET"}
    assert fetched == (set() if how == "no card" else {"onnx/text_model.onnx"})
    assert [state.state for state in store.states()] == [State.READY]
    assert ImageText(mended).embed_texts(["a red dog"]).shape == (1, 16)
    assert sorted(path.name for path in user.iterdir() if path.name[0] != ".") == ["tiny"]


def test_a_repair_that_fails_leaves_the_model_as_it_was(hub: Hub, entry: CatalogueEntry, tmp_path: Path) -> None:
    user = tmp_path / "user"
    folder = download(entry, user, server=hub.address).folder
    damage(folder / "tokenizer.json")
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    hub.spoil = "tokenizer.json"
    assert code_of(lambda: download(entry, user, server=hub.address, repairs=True)) == "download.broken"
    assert code_of(lambda: download(entry, user, server="http://127.0.0.1:9", repairs=True)) == "download.offline"
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before


def test_what_another_process_found_broken_shows_here(hub: Hub, entry: CatalogueEntry, tmp_path: Path) -> None:
    """A worker hashes a file before it loads it; the window's own store learns of it without a restart."""
    user = tmp_path / "user"
    folder = download(entry, user, server=hub.address).folder
    ours, theirs = (ModelStore([], user, tmp_path / "none", tmp_path / "none.toml") for _ in range(2))
    assert [state.state for state in ours.states()] == [State.READY]
    damage(folder / "tokenizer.json")
    assert code_of(lambda: theirs.check(theirs.card("tiny"))) == "model.broken"
    assert [state.state for state in ours.states()] == [State.BROKEN]


def test_the_catalogue_s_own_hash_goes_before_the_server_s(hub: Hub, entry: CatalogueEntry, tmp_path: Path) -> None:
    foreign = dataclasses.replace(entry, sha256={"tokenizer.json": "0" * 64})
    assert code_of(lambda: download(foreign, tmp_path / "user", server=hub.address)) == "download.broken"
    assert not (tmp_path / "user" / "tiny").exists()


def test_a_mirror_is_all_that_is_asked(hub: Hub, entry: CatalogueEntry, tmp_path: Path) -> None:
    """Also where it lies in a folder of its host, as mirrors do."""
    download(entry, tmp_path / "user", server=hub.address + "/")
    assert hub.requests
    assert {path.split("/resolve/")[0] for _, path, _ in hub.requests} == {"/someone/tiny"}


def test_promise_10_a_drive_that_gets_full_in_the_middle_of_a_download_is_said(
    hub: Hub, entry: CatalogueEntry, tmp_path: Path
) -> None:
    """The system refuses to write further, as a full drive does; what has arrived is used the next time."""
    resource = pytest.importorskip("resource")
    user, most = tmp_path / "user", resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, most[1]))
        assert code_of(lambda: download(entry, user, server=hub.address)) == "download.not_writable"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)
        signal.signal(signal.SIGXFSZ, before)
    assert not (user / "tiny").exists()
    hub.requests.clear()
    download(entry, user, server=hub.address)
    assert any(wanted for method, _, wanted in hub.requests if method == "GET")


def test_promise_10_a_full_drive_is_said_before_a_download(
    hub: Hub, entry: CatalogueEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1000))
    assert code_of(lambda: download(entry, tmp_path / "user", server=hub.address)) == "download.no_space"
    assert not any(method == "GET" for method, _, _ in hub.requests)


def test_promise_10_a_model_folder_that_cannot_be_made(hub: Hub, entry: CatalogueEntry, tmp_path: Path) -> None:
    (tmp_path / "user").write_text("in the way")
    assert code_of(lambda: download(entry, tmp_path / "user", server=hub.address)) == "download.not_writable"


def test_promise_13_without_a_click_there_is_no_network(entry: CatalogueEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    with pytest.raises((UserFixable, PermissionError)):
        plan(entry, "http://127.0.0.1:9")


def test_an_offline_folder_with_a_card(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    source, user = make_clip(tmp_path / "stick" / "模型"), tmp_path / "user"
    before = {file: file.read_bytes() for file in source.rglob("*") if file.is_file()}
    card = import_folder(source, user, {})
    assert card.folder == user / "tiny"
    assert set(card.sha256) == {file.relative_to(source).as_posix() for file in before if file.name != "model.toml"}
    assert {file: file.read_bytes() for file in before} == before
    assert code_of(lambda: import_folder(source, user, {})) == "model.exists"
    store = ModelStore([], user, tmp_path / "none", tmp_path / "none.toml")
    assert [state.state for state in store.states()] == [State.READY]
    remove(card.folder, user, card.id)
    assert store.states() == []
    assert code_of(lambda: remove(source, user, "tiny")) == "model.not_removable"
    assert source.exists()


def test_an_offline_folder_that_the_catalogue_knows(
    make_clip: Callable[..., Path], entry: CatalogueEntry, tmp_path: Path
) -> None:
    source = make_clip(tmp_path / "stick")
    (source / "model.toml").unlink()
    (source / "onnx" / "weights-extra.bin").write_bytes(b"x")
    card = import_folder(source, tmp_path / "user", {"tiny": entry})
    assert card.id == "tiny"
    assert load_card(tmp_path / "user" / "tiny").space == "tiny-1"
    (source / "tokenizer.json").unlink()
    assert code_of(lambda: import_folder(source, tmp_path / "other", {"tiny": entry})) == "model.no_card"


def test_a_broken_offline_folder_leaves_nothing_behind(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    source, user = make_clip(tmp_path / "stick", sha256={"tokenizer.json": "0" * 64}), tmp_path / "user"
    assert code_of(lambda: import_folder(source, user, {})) == "model.broken"
    assert not (user / "tiny").exists()
    assert not list((user / ".arriving").iterdir())
    with pytest.raises(Cancelled):
        import_folder(make_clip(tmp_path / "b"), user, {}, should_stop=lambda: True)


def test_an_offline_folder_that_lacks_what_its_card_has_a_hash_of_is_not_whole(
    make_clip: Callable[..., Path], tmp_path: Path
) -> None:
    """Weights that an ONNX file keeps beside it are named nowhere else."""
    source, user = make_clip(tmp_path / "stick", sha256={"onnx/vision_model.onnx_data": "0" * 64}), tmp_path / "user"
    assert code_of(lambda: import_folder(source, user, {})) == "model.file_missing"
    assert not (user / "tiny").exists()


def test_what_an_optional_file_of_the_catalogue_would_be_is_not_asked_for(
    make_clip: Callable[..., Path], entry: CatalogueEntry, tmp_path: Path
) -> None:
    source = make_clip(tmp_path / "stick")
    (source / "model.toml").unlink()
    (source / "onnx" / "weights-extra.bin").write_bytes(b"x")
    offered = dataclasses.replace(
        entry, optional_files=(*entry.optional_files, "more.bin"), sha256={**entry.sha256, "more.bin": "0" * 64}
    )
    assert import_folder(source, tmp_path / "user", {"tiny": offered}).id == "tiny"


def test_what_came_of_a_download_goes_when_it_is_given_up_or_the_model_comes_otherwise(
    make_clip: Callable[..., Path], tmp_path: Path
) -> None:
    source, user = make_clip(tmp_path / "stick"), tmp_path / "user"
    halves = [work_folder(user, "tiny"), parts_folder(work_folder(user, "tiny"))]

    def leave_halves() -> None:
        for folder in halves:
            folder.mkdir(parents=True)
            (folder / "weights").write_bytes(b"half")

    leave_halves()
    card = import_folder(source, user, {})
    assert not any(folder.exists() for folder in halves)
    leave_halves()
    remove(card.folder, user, "tiny")
    assert not any(folder.exists() for folder in halves)


def test_a_file_that_is_no_model_comes_whole_and_goes_on_where_it_was(hub: Hub, tmp_path: Path) -> None:
    url = f"{hub.address}/owner/name/resolve/main/onnx/weights-extra.bin"
    told: list[tuple[int, int]] = []

    def stop_in_the_middle() -> bool:
        return bool(told) and told[-1][0] > 1_000_000

    with pytest.raises(Cancelled):
        fetch_file(url, tmp_path, "weights.pth", progress=lambda *far: told.append(far), should_stop=stop_in_the_middle)
    assert not (tmp_path / "weights.pth").exists()
    hub.requests.clear()
    file = fetch_file(url, tmp_path, "weights.pth")
    assert file.read_bytes() == hub.files["onnx/weights-extra.bin"]
    assert any(range_ and not range_.endswith("=0-") for _, _, range_ in hub.requests)
    with pytest.raises(UserFixable, match=r"download\.not_found"):
        fetch_file(f"{hub.address}/owner/name/resolve/main/none", tmp_path, "none.pth")
