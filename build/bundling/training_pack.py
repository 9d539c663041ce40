"""The training pack: which wheels an installed program trains with, and one archive of them for people without a network.

`resources/training_packs.toml` is to the pack what a lock is to an environment: chosen by `dev.py lock`, with the hash of each
wheel, and part of the program. The archive holds those very wheels, their licences, and weights to begin with.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
LIST = ROOT / "resources" / "training_packs.toml"
IN_BUNDLE = {"numpy", "pillow", "filelock", "fsspec", "packaging", "typing-extensions"}
"""What the pack's packages ask for and the bundle holds as a whole: `program.spec` sees to it."""
INDEX = "https://pypi.org/simple"
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
"""On Linux the package index has PyTorch with three gigabytes of CUDA; its makers have one without."""


class System(NamedTuple):
    """`name` as the program calls it (`training.pack.this_system`); `platform` as a wheel's tags begin and end."""

    name: str
    platform: str


SYSTEMS = (
    System("linux-x86_64", r"manylinux.*x86_64"),
    System("win32-x86_64", r"win_amd64"),
    System("darwin-arm64", r"macosx_\d+_\d+_(arm64|universal2)"),
)
_HEAD = """# What an installed program trains with: the wheels that it takes beside its own, for each system. Made by `dev.py lock`.
#
# `url` is where each is published; a wheel is taken from wherever it lies, if its hash is this one.
"""


def lock(python: Path) -> None:
    """Resolve the extra `train` anew for all systems, with the pip of `python`. Needs the network."""
    found = resolve(python)
    lines = [_HEAD]
    for system in SYSTEMS:
        wheels: list[dict[str, object]] = []
        for name, version in sorted(found.items()):
            wheel = find_wheel(name, version, system, python)
            if wheel is None:
                raise SystemExit(f"{name} {version} has no wheel for {system.name}.")
            wheels.append(wheel)
        # Unpacked and compiled: 659 MB of 220 MB on Linux.
        size = round(3 * sum(int(wheel["size_bytes"]) for wheel in wheels))
        lines.append(f'[[pack]]\nsystem = "{system.name}"\npython = "cp311"\nunpacked_bytes = {size}\n')
        for wheel in wheels:
            said = [f"{key} = {json.dumps(value)}" for key, value in wheel.items()]
            lines.append("\n".join(["[[pack.wheel]]", *said, ""]))
    LIST.write_text("\n".join(lines), "utf-8")


def resolve(python: Path) -> dict[str, str]:
    """Version by name of everything that the extra asks for and the bundle lacks, with the bundle's own versions."""
    pins = re.findall(
        r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(.*)$", (ROOT / "build/bundling/cpu.lock").read_text("utf-8"), re.MULTILINE
    )
    with tempfile.TemporaryDirectory() as folder:
        held = Path(folder, "held.txt")
        # Of two versions of one package the first is that of Python 3.11.
        held.write_text("\n".join({name: f"{name}=={version}" for name, version, _ in reversed(pins)}.values()))
        said = Path(folder, "report.json")
        wishes = re.search(r"^train = (\[.*\])$", (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
        assert wishes is not None
        pip = [
            str(python),
            "-m",
            "pip",
            "install",
            "-qq",
            "--retries",
            "1",
            "--dry-run",
            "--ignore-installed",
            "-c",
            str(held),
        ]
        extra = ["--extra-index-url", TORCH_INDEX, "--report", str(said)]
        subprocess.check_call([*pip, *extra, *json.loads(wishes[1])])
        found = json.loads(said.read_text("utf-8"))["install"]
    versions = {_plain(one["metadata"]["name"]): one["metadata"]["version"] for one in found}
    return {name: version for name, version in versions.items() if name not in IN_BUNDLE}


def find_wheel(name: str, version: str, system: System, python: Path) -> dict[str, object] | None:
    """The wheel of one package for one system, with what its index says of it; None where there is none."""
    if name == "torch" and system.name.startswith("linux"):
        return _without_cuda(version, python)
    public = version.partition("+")[0]
    found = [
        file
        for file in _published(name)
        if re.match(rf"[^-]+-{re.escape(public)}-", file["filename"]) and _fits(file["filename"], system)
    ]
    if not found:
        return None
    # As pip does: what is compiled for this system before what runs on any.
    file = max(found, key=lambda each: not each["filename"].endswith("-any.whl"))
    said: dict[str, object] = {"name": name, "version": public, "file": file["filename"], "size_bytes": file["size"]}
    return {**said, "sha256": file["hashes"]["sha256"], "url": file["url"]}


@functools.cache
def _published(name: str) -> list[dict[str, Any]]:
    asked = urllib.request.Request(f"{INDEX}/{name}/", headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urllib.request.urlopen(asked) as answer:
        files: list[dict[str, Any]] = json.load(answer)["files"]
        return files


def _without_cuda(version: str, python: Path) -> dict[str, object]:
    wanted = f"torch=={version.partition('+')[0]}+cpu"
    with tempfile.TemporaryDirectory() as folder:
        pip = [str(python), "-m", "pip", "download", "-qq", "--retries", "1", "--no-deps", "-d", folder]
        subprocess.check_call([*pip, "--extra-index-url", TORCH_INDEX, wanted])
        (wheel,) = Path(folder).glob("torch-*.whl")
        data = wheel.read_bytes()
        url = f"{TORCH_INDEX}/{urllib.parse.quote(wheel.name)}"
        about: dict[str, object] = {"name": "torch", "version": wanted.partition("==")[2], "file": wheel.name}
        digest = hashlib.sha256(data).hexdigest()
        return {**about, "size_bytes": len(data), "sha256": digest, "url": url}


def _fits(file: str, system: System) -> bool:
    if not file.endswith(".whl"):
        return False
    python, abi, platform = file.removesuffix(".whl").split("-")[-3:]
    if platform == "any":
        return "py3" in python.split(".")
    is_ours = "cp311" in python.split(".") or (abi == "abi3" and re.match(r"cp3([2-9]|10|11)$", python))
    return bool(is_ours) and any(re.fullmatch(system.platform, each) for each in platform.split("."))


def make_archive(out: Path, version: str, interpreter: Path, weights: Path | None) -> Path:
    """One archive for this system, of wheels that lie in `out/training-wheels` or are fetched to there; `weights` is a
    folder with `….pth` files. Every wheel is checked by its hash. Raises SystemExit in words.
    """
    sys.path.insert(0, str(ROOT))
    from media_assistant.training import backbones, pack

    wanted = pack.offered_pack(LIST)
    if wanted is None:
        raise SystemExit(f"There is no training pack for {pack.this_system()} and {pack.this_python()}.")
    folder = out / "training-wheels"
    folder.mkdir(parents=True, exist_ok=True)
    for wheel in wanted.wheels:
        if not (folder / wheel.file).is_file():
            # pip knows the mirrors and proxies of whoever builds; what it brings is checked below like all else.
            pip = [str(interpreter), "-m", "pip", "download", "-qq", "--retries", "1", "--no-deps", "-d", str(folder)]
            # With three signs it takes this very version, and not `+cpu` of it as well.
            if subprocess.call([*pip, "--extra-index-url", TORCH_INDEX, f"{wheel.name}==={wheel.version}"]):
                raise SystemExit(f"{wheel.file} could not be fetched: the lines above say why.")
        if not (folder / wheel.file).is_file():
            raise SystemExit(
                f"{wheel.file} is not what the package index has of it. Put it into {folder}, from {wheel.url}"
            )
        if hashlib.sha256((folder / wheel.file).read_bytes()).hexdigest() != wheel.sha256:
            raise SystemExit(f"{folder / wheel.file} is not the wheel that {LIST.name} names.")
    target = out / f"{pack.NAME}-{version}-{wanted.system}.zip"
    beside = target.with_suffix(".new")
    # Stored as they are: wheels are compressed already.
    with zipfile.ZipFile(beside, "w", zipfile.ZIP_STORED) as archive:
        for wheel in wanted.wheels:
            archive.write(folder / wheel.file, wheel.file)
            for name, text in _licence_texts(folder / wheel.file):
                archive.writestr(f"licences/{wheel.name}-{wheel.version}/{name}", text)
        for file in sorted(weights.glob("*.pth")) if weights else ():
            backbones.check_weights(file)
            archive.write(file, file.name)
        archive.writestr("READ ME.txt", _READ_ME.format(version=version, system=wanted.system, python=wanted.python))
    beside.replace(target)
    return target


_READ_ME = """The training pack of Media Assistant {version} for {system}, {python}.

What the installed program trains networks with, for computers without a network. Leave it packed. In the program:
Models, "Train one of your own", "From a file". Or in a terminal: media-assistant train --install THIS-FILE

Each package is here as its makers publish it; their licences are in the folder "licences".
"""


def _licence_texts(wheel: Path) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(wheel) as archive:
        return [
            (name.partition(".dist-info/")[2].replace("/", "_"), archive.read(name))
            for name in archive.namelist()
            if re.fullmatch(r"[^/]+\.dist-info/(licenses/.*|[^/]*(LICEN[CS]E|NOTICE|COPYING)[^/]*)", name)
            and not name.endswith("/")
        ]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
