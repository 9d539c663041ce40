#!/usr/bin/env python3
"""The front door for developers: sets everything up, then does what it is asked.

    python3 build/dev.py run            the program on its sample library (a window, or the terminal and a picture)
    python3 build/dev.py test [ARG…]    the tests; further words go to pytest
    python3 build/dev.py test-training  what trains networks, which needs PyTorch beside the rest (220 MB, kept in out/)
    python3 build/dev.py check          lint, formatting, types, import contracts
    python3 build/dev.py bench [NAME…]  the benchmarks in tests/bench, one JSON line each
    python3 build/dev.py stress NAME …  a long trial of tests/stress: `stress hostile --seed 7`, `stress soak`
    python3 build/dev.py screenshots [FOLDER]
    python3 build/dev.py check-models [ID…]   downloads and tries every model of the catalogue; needs the network
    python3 build/dev.py bundle         the program as people install it, into out/bundle
    python3 build/dev.py lock           resolve the dependencies anew into build/requirements.lock

Needs Python 3.11 or later and nothing else: it uses the standard library alone until the virtual environment stands.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "build" / "requirements.lock"
OUT = ROOT / "out"
# By files, in the order that tests/conftest.py gives.
BY_FILE = ["--dist", "loadfile", "--no-loadscope-reorder", "--max-worker-restart", "1"]
ALL_TESTS = ["-n", "4", *BY_FILE, "-m", "not download", "--durations=25"]
DOWNLOAD_TESTS = ["-m", "download"]
TRAINING_TESTS = ["-n", "2", *BY_FILE, "tests/training", "tests/workflows/test_which_way.py"]
NOT_TO_BE_HAD = 4
# Of benchmarks. They run in the repository, and a person names a folder from where they are.
FOLDER_OPTIONS = ("--media", "--home", "--set", "--peers", "--library", "--folder")

# Qt's own needs (offscreen, sound and a real X window), and fonts that hold both of the program's languages.
DEBIAN_PACKAGES = """
    libglib2.0-0 libgl1 libegl1 libxkbcommon0 libfontconfig1 libdbus-1-3 libpulse0 libxrandr2
    libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0
    fonts-noto-cjk fonts-dejavu-core
""".split()  # noqa: SIM905 - a list to read and to paste


def main(arguments: list[str]) -> int:
    """Run one command; returns the exit status."""
    commands = {"run": run, "test": test, "check": check, "bench": bench, "screenshots": screenshots, "lock": lock}
    commands["test-training"] = test_training
    commands["check-models"] = check_models
    commands["stress"] = stress
    commands["bundle"] = bundle
    if not arguments or arguments[0] not in commands:
        print(__doc__)
        return 2
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what an older Python is told by
        print(f"Python 3.11 or later is needed; this is {sys.version.split()[0]}.")
        return 1
    return commands[arguments[0]](arguments[1:])


def run(arguments: list[str]) -> int:
    """Open the window on the samples; without a display do the same job in the terminal and write a picture."""
    set_up()
    library = OUT / "sample-library" / "library.sqlite"
    library.parent.mkdir(parents=True, exist_ok=True)
    program = [str(python()), "-m", "media_assistant", "--library", str(library)]
    samples = ROOT / "resources" / "samples"
    if has_display():
        subprocess.call([*program, "import", "--no-analyse", str(samples)], cwd=ROOT)
        return subprocess.call([*program, *arguments], cwd=ROOT)
    print("There is no display here, so the terminal does the window's job.\n")
    steps = (
        ("What the samples are", ["import", str(samples)]),
        ("What is in the library", ["list"]),
        ("Find the moment: “lighthouse”", ["search", "lighthouse"]),
        ("The same in Chinese: “海”", ["search", "海"]),
        ("What is known of the film", ["show", str(samples / "journey.mp4")]),
        ("What is like it", ["similar", str(samples / "journey.mp4")]),
    )
    for title, words in steps:
        print(f"── {title}\n$ media-assistant {' '.join(words)}", flush=True)
        status = subprocess.call([*program, *words], cwd=ROOT)
        if status:
            return status
        print(flush=True)
    picture = OUT / "screenshot.png"
    status = subprocess.call(
        [str(python()), "-m", "media_assistant.ui.screenshots", "--library", str(library), "--one", str(picture)],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    if status == 0:
        print(f"The window as it would look: {picture.relative_to(ROOT)}")
    return status


def test(arguments: list[str]) -> int:
    """All tests, three files at a time (they wait more than they compute), or those that pytest's own words choose.

    In the first run no socket opens; what downloads from this very machine comes after it, on a network of its own.
    """
    set_up()
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    runs = [arguments] if arguments else [ALL_TESTS, DOWNLOAD_TESTS]
    return call_each(([str(python()), "-m", "pytest", *words] for words in runs), environment)


def test_training(arguments: list[str]) -> int:
    """The tests that `test` skips for want of PyTorch. Status 4 where it cannot be had here: then nothing was tried."""
    import training_site

    set_up()
    site = training_site.need(python(), LOCK, OUT)
    if site is None:
        print("PyTorch cannot be had here: the lines above say why. What trains networks was not tried.")
        return NOT_TO_BE_HAD
    environment = {**os.environ, "PYTHONPATH": str(site), "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    return call_each([[str(python()), "-m", "pytest", *(arguments or TRAINING_TESTS)]], environment)


def check(_arguments: list[str]) -> int:
    """Everything that reads the code without running it. All of it runs, so that one look shows all faults."""
    set_up(with_system_packages=False)
    scripts = python().parent
    steps = (
        [str(scripts / "ruff"), "check", "."],
        [str(scripts / "ruff"), "format", "--check", "."],
        [str(scripts / "mypy")],
        [str(scripts / "lint-imports"), "--no-logo"],
        [str(python()), str(ROOT / "build" / "supply_chain.py")],
    )
    return call_each(steps)


def bench(arguments: list[str]) -> int:
    """Every benchmark, or the named ones (`shots` is tests/bench/bench_shots.py), each with its words (`scroll 60`).

    On a screen, real or virtual, with QT_QPA_PLATFORM=xcb; without one otherwise.
    """
    set_up()
    folder = ROOT / "tests" / "bench"
    known = {file.stem.removeprefix("bench_"): file for file in sorted(folder.glob("bench_*.py"))}
    if arguments and arguments[0] not in known:
        print(f"No such benchmark: {arguments[0]}. There are: {', '.join(known)}.")
        return 2
    commands: list[list[str]] = [[str(known[name])] for name in known if not arguments]
    for before, word in zip(["", *arguments], arguments, strict=False):
        if before in FOLDER_OPTIONS:
            commands[-1].append(str(Path(word).absolute()))
        elif word in known:
            commands.append([str(known[word])])
        else:
            option, mark, folder_name = word.partition("=")
            is_folder = mark and option in FOLDER_OPTIONS
            commands[-1].append(f"{option}={Path(folder_name).absolute()}" if is_folder else word)
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, "PYTHONPATH": str(ROOT), "ORT_DISABLE_TELEMETRY": "1"}
    return call_each(([str(python()), *command] for command in commands), environment)


def call_each(commands: Iterable[list[str]], environment: dict[str, str] | None = None) -> int:
    """Run all of them, whatever each says; the first status that is not 0. That of a killed one is below 0, and no success."""
    statuses = [subprocess.call(command, cwd=ROOT, env=environment) for command in commands]
    return next((abs(status) for status in statuses if status), 0)


def stress(arguments: list[str]) -> int:
    """One long trial (`hostile` is tests/stress/hostile.py), with its words."""
    known = [file.stem for file in sorted((ROOT / "tests" / "stress").glob("*.py")) if "_" not in file.stem]
    if not arguments or arguments[0] not in known:
        print(f"Name a trial. There are: {', '.join(known)}.")
        return 2
    set_up()
    command = [str(python()), str(ROOT / "tests" / "stress" / f"{arguments[0]}.py"), *arguments[1:]]
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.call(command, cwd=ROOT, env=environment)


def screenshots(arguments: list[str]) -> int:
    """Every view in both themes, both languages and two sizes."""
    set_up()
    folder = Path(arguments[0]) if arguments else OUT / "screenshots"
    command = [str(python()), "-m", "media_assistant.ui.screenshots", "--all", str(folder)]
    return subprocess.call(command, cwd=ROOT, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})


def check_models(arguments: list[str]) -> int:
    """What does not hold of the catalogue, entry by entry; 4 where the server cannot be reached."""
    set_up(with_system_packages=False)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "0", "ORT_DISABLE_TELEMETRY": "1"}
    return subprocess.call(
        [str(python()), str(ROOT / "build" / "check_models.py"), *arguments], cwd=ROOT, env=environment
    )


def bundle(arguments: list[str]) -> int:
    """The installed program, see build/bundling/make.py; `bundle --help` says what else there is."""
    from bundling import make

    need_system_packages()
    need_venv()
    return make.bundle(arguments)


def lock(_arguments: list[str]) -> int:
    """Needs the network. Each file is for three systems, with every wheel's hash: one for developers, and one for each variant
    of the installed program, with the developers' versions. And the list of the wheels that an installed program trains with.
    """
    need_venv()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.check_call([sys.executable, "-m", "venv", folder])
        scripts = Path(folder) / ("Scripts" if os.name == "nt" else "bin")
        subprocess.check_call([str(scripts / "python"), "-m", "pip", "install", "-q", "uv"])
        resolve = [
            str(scripts / "uv"),
            *["pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"],
        ]
        resolve += ["--no-header", "pyproject.toml"]
        bundling = ROOT / "build" / "bundling"
        wishes = (
            ("dev", ROOT / "build" / "lock-overrides.txt", LOCK, []),
            ("bundle", bundling / "overrides.txt", bundling / "cpu.lock", ["--constraint", str(LOCK)]),
            ("bundle-cuda", bundling / "overrides-cuda.txt", bundling / "cuda.lock", ["--constraint", str(LOCK)]),
        )
        for group, overrides, file, more in wishes:
            status = subprocess.call(
                [*resolve, "--group", group, "--override", str(overrides), "-o", str(file), *more], cwd=ROOT
            )
            if status:
                return status
        from bundling import training_pack

        training_pack.lock(scripts / "python")
        return 0


# ── setting up ────────────────────────────────────────────────────────────────────────────────────────────────────


def set_up(*, with_system_packages: bool = True) -> None:
    """The virtual environment and the system's packages. Seconds when both stand already; exits in words if not possible."""
    if with_system_packages:
        need_system_packages()
    with alone():
        _set_up()


def _set_up() -> None:
    pip = [str(python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-compile"]
    steps = (
        ("the packages", LOCK, ["--require-hashes", "-r", str(LOCK)]),
        ("the program", ROOT / "pyproject.toml", ["--no-build-isolation", "-e", str(ROOT)]),
    )
    done: dict[Path, str] = {}
    for what, file, install in steps:
        stamp = VENV / f"set-up-{file.name}"
        wanted = hashlib.sha256(file.read_bytes() + sys.version.encode()).hexdigest()
        if not done and is_in_place() and stamp.is_file() and stamp.read_text("utf-8") == wanted:
            continue
        # What comes after may be lines of JSON, for which a program reads the output.
        print(f"Setting up {what} in .venv …", file=sys.stderr, flush=True)
        make_environment()
        if subprocess.call([*pip, *install]):
            sys.exit("They could not be installed: the lines above say why. Nothing outside .venv was changed.")
        done[stamp] = wanted
    # Workers may not write: what was compiled before is all that they need not compile at each start. pip would compile on
    # one core, and the packages' own tests with it; some of their files are templates and no Python.
    compile_all = [str(python()), "-W", "ignore", "-m", "compileall", "-q", "-j", "0"]
    if done:
        packages = ["-q", "-x", r"[/\\]tests[/\\]", *map(str, VENV.glob("[Ll]ib/**/site-packages"))]
        subprocess.call([*compile_all, *packages])
    # Last of all, so that whatever was interrupted is done once more.
    for stamp, wanted in done.items():
        stamp.write_text(wanted, "utf-8")
    subprocess.call([*compile_all, str(ROOT / "media_assistant")])


@contextmanager
def alone() -> Iterator[None]:
    """Whoever else sets up this folder is waited for; the system lets go of the lock of one that dies."""
    OUT.mkdir(exist_ok=True)
    with (OUT / "set-up.lock").open("ab") as file:
        if not _lock(file.fileno()):
            print("Waiting for another one that sets up .venv …", file=sys.stderr, flush=True)
            while not _lock(file.fileno()):
                time.sleep(0.2)
        yield


def _lock(file: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True  # A drive that knows no locks: waiting would never end.
    return True


def make_environment() -> None:
    """`.venv`, installing Debian's venv package first where its Python came without."""
    # The list of pip's own files is what is written last of it: without that it was interrupted while it was unpacked.
    has_pip = "from importlib import metadata as m; raise SystemExit(not m.distribution('pip').read_text('RECORD'))"
    if is_in_place() and subprocess.call([str(python()), "-c", has_pip], stderr=subprocess.DEVNULL) == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    need_venv()
    subprocess.check_call([sys.executable, "-m", "venv", str(VENV)])


def need_venv() -> None:
    """See to it that this Python can make virtual environments, as root on Debian; exits in words where it cannot."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    if subprocess.call([sys.executable, "-c", "import venv, ensurepip"], **quiet):
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        if not install_debian([package]):
            sys.exit(f"This Python cannot make virtual environments. Please run: sudo apt-get install {package}")


def is_in_place() -> bool:
    """Whether `.venv` stands, and stands where it was made: the programs in it name their interpreter by its whole path."""
    about = VENV / "pyvenv.cfg"
    if not python().exists() or not about.is_file():
        return False
    made = re.search(r"^command = .* -m venv (.*)$", about.read_text("utf-8", "replace"), re.MULTILINE)
    return made is None or f" {made[1]}".endswith((f" {VENV}", f" {VENV.resolve()}"))


def python() -> Path:
    """The interpreter of the virtual environment."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def need_system_packages() -> None:
    """On Debian and its children: install what is missing as root, or say the one line that does."""
    if not shutil.which("dpkg-query"):
        return
    missing = [name for name in DEBIAN_PACKAGES if not is_installed(name)]
    if missing and not install_debian(missing):
        line = f"sudo apt-get install {' '.join(missing)}"
        print(f"System packages are missing. If something fails below: {line}\n", file=sys.stderr, flush=True)


def is_installed(package: str) -> bool:
    """Also true for the name that newer Debian releases gave the same library (`…t64`)."""
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status} ", package, f"{package}t64"]
    answer = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    return "installed" in answer.split()


def install_debian(packages: list[str]) -> bool:
    """Install as root with apt-get; False where that is not possible."""
    if not shutil.which("apt-get") or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    print(f"Installing system packages: {' '.join(packages)}", file=sys.stderr, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Use-Pty=0"]
    subprocess.call([*apt, "update"], env=environment, stdout=subprocess.DEVNULL)
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    return subprocess.call(install, env=environment, stdout=subprocess.DEVNULL) == 0


def has_display() -> bool:
    """Whether a window can be seen by somebody."""
    if os.environ.get("QT_QPA_PLATFORM") == "offscreen":
        return False
    return (
        os.name == "nt"
        or sys.platform == "darwin"
        or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    )


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
