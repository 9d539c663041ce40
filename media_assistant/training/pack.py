"""The training pack: the wheels that training needs beyond what the program brings along, and where they lie unpacked.

An installed program has no environment that pip could add to. Which wheels it takes instead was decided when it was made:
`resources/training_packs.toml` names them for each system, with sizes, hashes and addresses. Unpacked side by side they are
a folder that Python imports from, and only the worker process that trains does so. Nothing here imports torch.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import platform
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

NAME = "media-assistant-training"
"""How the archives of packs begin."""
SITE, ARRIVING = "site", ".arriving"
"""Of the pack's folder: what is imported from, and what is not whole yet."""
MARK = "media-assistant-pack.json"
"""In a whole site: of which pack it is."""
_MACHINES = {"amd64": "x86_64", "x64": "x86_64", "aarch64": "arm64"}


@dataclass(frozen=True, slots=True)
class Wheel:
    """One package as its makers publish it."""

    name: str
    version: str
    file: str
    size_bytes: int
    sha256: str
    url: str


@dataclass(frozen=True, slots=True)
class Pack:
    """What training needs on one system, for one version of Python."""

    system: str
    """As `this_system` says it."""
    python: str
    """As `this_python` says it."""
    unpacked_bytes: int
    wheels: tuple[Wheel, ...]

    @property
    def size_bytes(self) -> int:
        """Of all wheels: what a download takes."""
        return sum(wheel.size_bytes for wheel in self.wheels)

    @property
    def key(self) -> str:
        """Changes with any of the wheels."""
        joined = "\n".join(sorted(wheel.sha256 for wheel in self.wheels))
        return hashlib.sha256(f"{self.system} {self.python}\n{joined}".encode()).hexdigest()[:16]

    def version(self, name: str) -> str:
        """Of one of its packages; empty where it is not among them."""
        return next((wheel.version for wheel in self.wheels if wheel.name == name), "")


def this_system() -> str:
    """`linux-x86_64`, `win32-x86_64`, `darwin-arm64`: what compiled wheels are made for."""
    machine = platform.machine().lower()
    return f"{sys.platform}-{_MACHINES.get(machine, machine)}"


def this_python() -> str:
    """`cp311`."""
    return f"cp{sys.version_info.major}{sys.version_info.minor}"


def load_packs(file: Path) -> tuple[Pack, ...]:
    """Every system's pack. Raises OSError, ValueError, KeyError, TypeError: the file is the program's own."""
    found = tomllib.loads(file.read_text("utf-8"))
    return tuple(
        Pack(one["system"], one["python"], one["unpacked_bytes"], tuple(Wheel(**wheel) for wheel in one["wheel"]))
        for one in found["pack"]
    )


def offered_pack(file: Path) -> Pack | None:
    """The one for this computer and this Python; None where there is none."""
    if not file.is_file():
        return None
    wanted = this_system(), this_python()
    return next((pack for pack in load_packs(file) if (pack.system, pack.python) == wanted), None)


def key_of(site: Path) -> str:
    """Of which pack an unpacked site is; empty where there is none that is whole."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads((site / MARK).read_text("utf-8"))["key"])
    return ""


def use_site(site: Path) -> None:
    """From now on this process finds what the program itself lacks in `site`. The program's own packages come first."""
    if str(site) not in sys.path:
        sys.path.append(str(site))
