"""Downloads against a real server on this machine that speaks the hub's protocol."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.inference.card import load_card
from media_assistant.inference.catalogue import CatalogueEntry
from media_assistant.inference.download import download, plan
from media_assistant.inference.image_text import ImageText
from media_assistant.inference.install import import_folder, remove
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


def test_a_full_drive_is_said_before(
    hub: Hub, entry: CatalogueEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1000))
    assert code_of(lambda: download(entry, tmp_path / "user", server=hub.address)) == "download.no_space"
    assert not any(method == "GET" for method, _, _ in hub.requests)


def test_a_model_folder_that_cannot_be_made(hub: Hub, entry: CatalogueEntry, tmp_path: Path) -> None:
    (tmp_path / "user").write_text("in the way")
    assert code_of(lambda: download(entry, tmp_path / "user", server=hub.address)) == "download.not_writable"


def test_without_a_click_there_is_no_network(entry: CatalogueEntry, monkeypatch: pytest.MonkeyPatch) -> None:
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
