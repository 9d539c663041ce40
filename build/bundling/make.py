"""Makes the installed program: its own environment, PyInstaller's folder, the notices, and what people are handed.

Everything lands in `out/bundle`: `env-cpu` (without any developer's tool), `work`, `dist/media-assistant`, and the packages.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from bundling import contents, inside_av, linux_packages, notices, publisher, training_pack

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
OUT = ROOT / "out" / "bundle"
VARIANTS = ("cpu", "cuda")
INSIDE = {"telescope": "night-sky.txt", "written:lake": "journey.mp4"}
"""What stands in samples, in a text and in the pictures of a film, and in the name of none."""


def bundle(words: list[str]) -> int:
    """`bundle [--variant cpu|cuda] [--only-packages] [--no-packages] [--training-pack]` or
    `bundle --model-pack WHAT…`; returns the exit status.
    """
    parser = argparse.ArgumentParser(prog="dev.py bundle", description=__doc__)
    parser.add_argument("--variant", choices=VARIANTS, default="cpu", help="cuda: for computers with an NVIDIA card")
    parser.add_argument("--only-packages", action="store_true", help="package the folder that was made before")
    parser.add_argument("--no-packages", action="store_true", help="stop at the folder")
    parser.add_argument(
        "--training-pack", action="store_true", help="make the archive of the training pack, and train with it"
    )
    parser.add_argument("--weights", type=Path, metavar="FOLDER", help="….pth files that the training pack shall hold")
    parser.add_argument(
        "--model-pack", nargs="+", metavar="WHAT", help="folders of models, or ids of the catalogue; then nothing else"
    )
    asked = parser.parse_args(words)
    if asked.model_pack:
        command = [str(set_up(asked.variant)), str(HERE / "model_pack.py"), str(OUT), version(), *asked.model_pack]
        return subprocess.call(command, cwd=ROOT)
    dist = OUT / "dist" / "media-assistant"
    if not asked.only_packages:
        interpreter = set_up(asked.variant)
        freeze(interpreter)
        complete(dist, interpreter)
    print(contents.tell_sizes(dist), flush=True)
    print(f"\n{check_parts(dist)}\n{dist.relative_to(ROOT)}: {smoke(dist)}", flush=True)
    if left := publisher.read().placeholders:
        print(f"not to be published yet: {publisher.FILE.name} holds placeholders for {', '.join(left)}", flush=True)
    if sys.platform == "linux" and not asked.no_packages:
        for file in (
            linux_packages.make_deb(dist, OUT / "icons", OUT, version(), variant_of(dist)),
            linux_packages.make_archive(dist, OUT, version(), variant_of(dist)),
        ):
            print(f"{file.stat().st_size / 1e6:8.1f} MB  {file.relative_to(ROOT)}", flush=True)
    if asked.training_pack:
        archive = training_pack.make_archive(OUT, version(), set_up(asked.variant), asked.weights)
        print(
            f"{archive.stat().st_size / 1e6:8.1f} MB  {archive.relative_to(ROOT)}: {try_training(dist, archive)}",
            flush=True,
        )
    return 0


def version() -> str:
    """Of the program, from the project's file."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def variant_of(dist: Path) -> str:
    """What sets the packages' names apart: `-cuda` for a bundle with NVIDIA's part of the runtime, nothing for the plain one."""
    return "-cuda" if any(dist.glob("**/onnxruntime_gpu-*.dist-info")) else ""


def set_up(variant: str) -> Path:
    """The environment that is bundled, exactly as its lock says; returns its interpreter."""
    folder = OUT / f"env-{variant}"
    interpreter = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    lock = HERE / f"{variant}.lock"
    stamp = folder / "set-up"
    wanted = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    if not (interpreter.exists() and stamp.is_file() and stamp.read_text("utf-8") == wanted):
        print(f"Setting up {folder.relative_to(ROOT)} from {lock.name} …", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.check_call([sys.executable, "-m", "venv", str(folder)])
        pip = [str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.check_call([*pip, "--no-compile", "--require-hashes", "-r", str(lock)])
        stamp.write_text(wanted, "utf-8")
    return interpreter


def freeze(interpreter: Path) -> None:
    """Run PyInstaller; `dist` and `work` are made anew."""
    icons, about = OUT / "icons", OUT / f"media_assistant-{version()}.dist-info"
    subprocess.check_call([str(interpreter), str(HERE / "icons.py"), str(icons)])
    # What the program asks for its own version.
    about.mkdir(parents=True, exist_ok=True)
    about.joinpath("METADATA").write_text(f"Metadata-Version: 2.4\nName: media-assistant\nVersion: {version()}\n")
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "PYTHONPATH": str(ROOT),
        "MEDIA_ASSISTANT_ICONS": str(icons),
        "MEDIA_ASSISTANT_METADATA": str(about),
        "MEDIA_ASSISTANT_VERSION": version(),
        "MEDIA_ASSISTANT_APP_ID": publisher.read().app_id,
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONHASHSEED": "0",
    }
    places = ["--workpath", str(OUT / "work"), "--distpath", str(OUT / "dist")]
    command = [str(interpreter), "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", *places]
    subprocess.check_call([*command, str(HERE / "program.spec")], env=environment, cwd=OUT)


def complete(dist: Path, interpreter: Path) -> None:
    """Licences of all that PyInstaller took, for the about page and as one text beside the program. Raises SystemExit where
    anything is in it that nobody says the licence of.
    """
    ask = "import sys, sysconfig as places; print(places.get_path('purelib'), places.get_path('stdlib'), sys.base_prefix, sep='\\n')"
    answer = subprocess.check_output([str(interpreter), "-c", ask], text=True)
    packages, library, prefix = (Path(line) for line in answer.splitlines())
    parts = contents.read_account(OUT / "work" / "program")
    found = notices.collect(parts, packages, library)
    faults = [f"{name} does not say its licence" for name in notices.undeclared(found)]
    known = (packages, library, prefix, ROOT)
    faults += [f"{file} lies in PyAV and is of nothing whose licence is known" for file in inside_av.unknown_in(parts)]
    faults += [f"{file} is of no package that could say its licence" for file in notices.unowned(parts, known)]
    if faults:
        raise SystemExit("\n".join(faults))
    strip(dist)
    for inside, beside in shipped(dist, is_mac=sys.platform == "darwin"):
        notices.write(found, inside / "resources" / "notices.json", beside / "NOTICES.txt")
        shutil.copy(ROOT / "LICENSE", beside / "LICENSE.txt")
    print(f"{len(found)} notices, from Python to the models", flush=True)


def shipped(dist: Path, *, is_mac: bool) -> list[tuple[Path, Path]]:
    """Of what goes to people: where the program finds its own files, and where a person looks for a text. On macOS the app is
    made of the folder before licences are known, and it is the app that is shipped. Raises SystemExit where it is not there.
    """
    places = [(dist / "_internal" if (dist / "_internal").is_dir() else dist, dist)]
    if is_mac:
        contents_of_app = dist.with_name("Media Assistant.app") / "Contents"
        if not (contents_of_app / "Frameworks" / "resources").is_dir():
            raise SystemExit(f"{contents_of_app} does not hold the program's own files")
        places.append((contents_of_app / "Frameworks", contents_of_app / "Resources"))
    return places


def strip(dist: Path) -> None:
    """Take the tables for debuggers out of large libraries: an eighth of the bundle. On Linux, where binutils is there.

    Libraries in `….libs` were moved about by the tool that made the wheel, which strip does not always survive.
    """
    if sys.platform != "linux" or not shutil.which("strip"):
        return
    for file in sorted(dist.rglob("*.so*")):
        is_large = not file.is_symlink() and file.stat().st_size > 4_000_000
        if is_large and not file.parent.name.endswith(".libs"):
            subprocess.check_call(["strip", "--strip-unneeded", str(file)])


def check_parts(dist: Path) -> str:
    """Let what was made look for its own parts; returns what it says. Raises SystemExit where one is missing."""
    done = subprocess.run([str(program(dist)), "--check-parts"], capture_output=True, text=True, check=False)
    missing = contents.missing_libraries(dist) if sys.platform == "linux" and shutil.which("readelf") else []
    if done.returncode or missing:
        raise SystemExit("\n".join([f"{done.stdout}{done.stderr}".strip(), *(f"missing: {line}" for line in missing)]))
    return done.stdout.strip()


def program(dist: Path) -> Path:
    """What is run in a terminal."""
    return dist / ("media-assistant.exe" if os.name == "nt" else "media-assistant")


def smoke(dist: Path) -> str:
    """Start what was made, without a window; returns what it says of its version. Raises CalledProcessError."""
    shutil.rmtree(OUT / "smoke-home", ignore_errors=True)
    samples = next(dist.glob("**/resources/samples"))
    told = json.loads(_ask(dist, "--quiet", "--json", "import", str(samples)))
    if told["failed"] or told["analyses"]["failed"] or not told["analyses"]["done"]:
        raise SystemExit(f"The bundle was made, but it does not understand the samples:\n{told}")
    for words, place in INSIDE.items():
        said = _ask(dist, "--quiet", "search", words)
        if place not in said:
            raise SystemExit(f"The bundle was made, but it does not find {words} in {place}:\n{said}")
    return f"it understands the samples and finds what stands in {' and '.join(INSIDE.values())}"


def try_training(dist: Path, archive: Path) -> str:
    """Install the training pack in what was made, which trains and exports a tiny network with it: whatever of Python the
    pack's packages miss in the bundle shows here. Raises CalledProcessError.
    """
    _ask(dist, "train", "--install", str(archive))
    told = json.loads(_ask(dist, "--json", "train"))
    if told["missing"] or not told["pack"]["installed"]:
        raise SystemExit(f"The training pack was installed, but the program does not find it: {told}")
    _ask(dist, "train", "--uninstall")
    return "installed, it trains and exports a network; removed again"


def _ask(dist: Path, *words: str) -> str:
    """What the program that was made answers, in a home of its own."""
    with_home = {**os.environ, "MEDIA_ASSISTANT_HOME": str(OUT / "smoke-home"), "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.check_output([str(program(dist)), *words], env=with_home, encoding="utf-8")
