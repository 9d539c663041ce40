"""The training pack: what comes from a folder, an archive or a server is whole and right, or nothing is installed."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.items.training import Phase
from media_assistant.paths import Paths, bundled, find_paths
from media_assistant.training.pack import ARRIVING, SITE, Pack, Wheel, key_of, load_packs, this_python, this_system
from media_assistant.training.torch_parts import NEEDED, missing_parts
from media_assistant.training.unpacking import unpack
from media_assistant.workflows.training.training_pack import (
    LIST,
    gather,
    install,
    look,
    put_in_place,
    remove,
)
from tests.inference.hub import serving
from tests.inference.strange_zips import with_a_name_that_is_none, with_a_password

WHEELS = {name: f"{name}-9.1-py3-none-any.whl" for name in NEEDED}
# What a PyTorch says that misses a library of the system.
LACKING = b"raise OSError('libnothing.so.1: cannot open shared object file')"


def make_wheel(name: str, more: dict[str, bytes] | None = None) -> bytes:
    made = io.BytesIO()
    files = {f"{name}/__init__.py": LACKING, f"{name}/include/{name}.h": b"x", f"{name}-9.1.data/scripts/run": b"x"}
    with zipfile.ZipFile(made, "w") as archive:
        for place, data in (files | (more or {})).items():
            archive.writestr(place, data)
    return made.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Wheels as a person may carry them."""
    place = tmp_path / "carried"
    place.mkdir()
    for name, file in WHEELS.items():
        # Torch is more than one block, so that there is a middle to stop in.
        large = {"torch/lib/large.so": bytes(range(256)) * 12_000} if name == "torch" else None
        (place / file).write_bytes(make_wheel(name, large))
    return place


@pytest.fixture
def pack(folder: Path) -> Pack:
    wheels = tuple(
        Wheel(name, "9.1", file, len(data), hashlib.sha256(data).hexdigest(), f"https://wheels.invalid/{file}")
        for name, file in WHEELS.items()
        if (data := (folder / file).read_bytes())
    )
    return Pack(this_system(), this_python(), 4_000_000, wheels)


@pytest.fixture
def paths(home: Path) -> Paths:
    return find_paths()


def archive_of(folder: Path) -> Path:
    made = folder.with_name("media-assistant-training-9-any.zip")
    with zipfile.ZipFile(made, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    return made


def code_of(work: Callable[[], object]) -> str:
    with pytest.raises(UserFixable) as caught:
        work()
    return caught.value.code


def nothing(_: Phase) -> None:
    pass


@pytest.mark.parametrize("is_archive", [False, True])
def test_what_was_carried_here_is_unpacked_beside_and_put_in_place_at_once(
    paths: Paths, pack: Pack, folder: Path, is_archive: bool
) -> None:
    site = paths.training_pack / SITE
    # A folder with an archive in it, such as that of the installer, will do too.
    wheels = gather(paths, pack, archive_of(folder).parent if is_archive else folder, "", nothing, bool)
    unpack(wheels, paths.training_pack / ARRIVING / SITE, nothing, bool)
    assert not site.exists()
    put_in_place(paths, pack)
    assert key_of(site) == pack.key and missing_parts(site) == ()
    # Not for building against, and no commands.
    assert not (site / "torch" / "include").exists() and not list(site.rglob("run"))
    assert sorted(folder.iterdir()) == sorted(folder / file for file in WHEELS.values())
    # It is not the pack that this program knows, so it is not imported from.
    assert look(paths).site is None and look(paths).is_other
    remove(paths)
    assert not paths.training_pack.exists() and not look(paths).is_other


def test_a_pack_that_does_not_run_here_is_not_installed_and_the_old_one_stays(
    paths: Paths, pack: Pack, folder: Path
) -> None:
    old = paths.training_pack / SITE / "old.py"
    old.parent.mkdir(parents=True)
    old.touch()
    seen: list[str] = []
    with pytest.raises(UserFixable) as caught:
        install(paths, pack, folder, "", lambda phase: seen.append(phase.name), bool)
    assert caught.value.code == "training.not_loadable" and "libnothing" in str(caught.value.parameters["reason"])
    assert {"read", "unpack"} <= set(seen)
    assert old.is_file() and not (paths.training_pack / ARRIVING / SITE).exists()


def test_what_is_wrong_with_a_pack_is_said(paths: Paths, pack: Pack, folder: Path, tmp_path: Path) -> None:
    def taken(source: Path, wanted: Pack | None = pack) -> str:
        code = code_of(lambda: install(paths, wanted, source, "", nothing, bool))
        assert not (paths.training_pack / SITE).exists() and not (paths.training_pack / ARRIVING / SITE).exists()
        return code

    archive = archive_of(folder)
    half = tmp_path / "half.zip"
    half.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    assert taken(half) == "training.pack_half"
    for damage in (with_a_password, with_a_name_that_is_none):
        assert taken(damage(archive, half)) == "training.pack_half"
    endless = [replace(wheel, size_bytes=wheel.size_bytes - 1) for wheel in pack.wheels]
    assert taken(archive, replace(pack, wheels=tuple(endless))) == "training.pack_broken"
    assert taken(folder, None) == "training.pack_none"
    assert taken(folder, replace(pack, unpacked_bytes=1 << 60)) == "training.pack_no_room"
    empty = tmp_path / "empty"
    empty.mkdir()
    assert taken(empty) == "training.pack_not_one"
    (folder / WHEELS["onnx"]).rename(tmp_path / "away.whl")
    assert taken(folder) == "training.pack_incomplete"
    (folder / WHEELS["onnx"]).write_bytes(b"another")
    assert taken(folder) == "training.pack_broken"
    (folder / WHEELS["torch"]).rename(folder / "torch-9.1-cp399-cp399-win_amd64.whl")
    assert taken(folder) == "training.pack_other"


def test_weights_in_the_same_folder_are_taken_where_trainings_look_for_them(paths: Paths, tmp_path: Path) -> None:
    name = f"resnet18-{hashlib.sha256(b'weights').hexdigest()[:8]}.pth"
    (tmp_path / name).write_bytes(b"weights")
    install(paths, None, tmp_path, "", nothing, bool)
    assert (paths.user_models / ".backbones" / name).read_bytes() == b"weights"
    (tmp_path / "my-own-network.pth").write_bytes(b"of no interest")
    (tmp_path / "resnet18.pth").write_bytes(b"of no interest")
    install(paths, None, tmp_path, "", nothing, bool)
    assert [file.name for file in (paths.user_models / ".backbones").iterdir()] == [name]
    (tmp_path / "resnet18-00000000.pth").write_bytes(b"others")
    assert code_of(lambda: install(paths, None, tmp_path, "", nothing, bool)) == "training.weights_broken"


def test_nothing_is_unpacked_out_of_its_folder(tmp_path: Path) -> None:
    for place in ("../outside.py", "/outside.py", "torch/../../outside.py"):
        wheel = tmp_path / "torch-9.1-py3-none-any.whl"
        wheel.write_bytes(make_wheel("torch", {place: b"x"}))
        site = tmp_path / "within" / hashlib.sha256(place.encode()).hexdigest()
        assert code_of(lambda site=site, wheel=wheel: unpack([wheel], site, nothing, bool)) == "training.pack_broken"
    assert not list(tmp_path.rglob("outside.py"))


def test_a_stopped_download_goes_on_where_it_was_and_a_wrong_file_is_thrown_away(
    paths: Paths, pack: Pack, folder: Path, loopback_allowed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    reached: list[Phase] = []
    with serving({file: (folder / file).read_bytes() for file in WHEELS.values()}) as hub:
        mirror = f"{hub.address}/packs/resolve/main"
        hub.pause_s = 0.005
        with pytest.raises(Cancelled):
            gather(paths, pack, None, mirror, reached.append, lambda: bool(reached) and reached[-1].step > 100_000)
        hub.pause_s = 0.0
        assert 0 < look(paths).arrived_bytes < pack.size_bytes
        hub.requests.clear()
        hub.spoil = WHEELS["onnxscript"]
        assert code_of(lambda: gather(paths, pack, None, mirror, nothing, bool)) == "download.broken"
        assert any(wanted.startswith("bytes=") for _, path, wanted in hub.requests if WHEELS["torch"] in path)
        hub.spoil = ""
        hub.requests.clear()
        found = gather(paths, pack, None, mirror, reached.append, bool)
        # What was right is not asked for again.
        assert {path.rpartition("/")[2] for _, path, _ in hub.requests} == {WHEELS["onnxscript"]}
        assert reached[-1].step == reached[-1].steps == pack.size_bytes
        assert [file.read_bytes() for file in found] == [(folder / file).read_bytes() for file in WHEELS.values()]
        remove(paths)
        del hub.files[WHEELS["onnx"]]
        assert code_of(lambda: gather(paths, pack, None, mirror, nothing, bool)) == "training.pack_not_there"


def test_every_system_has_a_pack_that_is_complete() -> None:
    packs = load_packs(bundled("resources") / LIST)
    assert {one.system for one in packs} == {"linux-x86_64", "win32-x86_64", "darwin-arm64"}
    for one in packs:
        assert set(NEEDED) <= {wheel.name for wheel in one.wheels}
        for wheel in one.wheels:
            assert len(wheel.sha256) == 64 and wheel.size_bytes > 1000 and wheel.url.startswith("https://")
            assert wheel.file.endswith(".whl") and "/" not in wheel.file
        # CUDA's libraries are gigabytes that a pack of this size does not hold.
        assert one.size_bytes < 400_000_000
