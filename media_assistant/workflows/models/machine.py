"""What was measured on this computer: a file beside the settings, one entry per computer and number of threads.

It belongs to the machine, not to a library: a library that is carried elsewhere takes no figures with it.
"""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

from media_assistant.items.advice import Machine, Measured, Part, Rate
from media_assistant.items.which_way import NetworkSpeed
from media_assistant.jobs.limits import choose_threads
from media_assistant.whole_files import write_whole

_FILE = "measured.json"
_FORM = 2
_TRAINING = "training"


def machine_key(*, whole_machine: bool) -> str:
    """The computer as far as speed goes: processor, cores, memory, and how much of it the work may use."""
    memory_gb = round(psutil.virtual_memory().total / 2**30)
    threads = choose_threads(whole_machine=whole_machine)
    manner = "whole" if whole_machine else "gentle"
    return f"{processor()}, {os.cpu_count()} cores, {memory_gb} GB, {threads} threads, {manner}"


def processor() -> str:
    """The processor's name, as far as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def load_machine(folder: Path, key: str) -> Machine:
    """What is known of this computer; an empty Machine where nothing is, or where the file is broken."""
    try:
        found = _read(folder)[key]
        models = {model_id: _measured(model_id, plain) for model_id, plain in found["models"].items()}
        return Machine(**{**found, "models": models})
    except (KeyError, TypeError, ValueError, AttributeError):
        return Machine()


def save_machine(folder: Path, key: str, machine: Machine) -> None:
    """Keep it, whole or not at all. Raises OSError."""
    kept = {**_read(folder), "form": _FORM, key: _plain(machine)}
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / _FILE, json.dumps(kept, ensure_ascii=False, indent=1).encode(), is_private=True)


def load_training_speed(folder: Path, key: str, backbone: str) -> NetworkSpeed | None:
    """What a step of training was measured to take on this computer; None where it was not, or the file is broken."""
    try:
        return NetworkSpeed(**_read(folder)[_TRAINING][key][backbone])
    except (KeyError, TypeError):
        return None


def save_training_speed(folder: Path, key: str, speed: NetworkSpeed) -> None:
    """Keep it, whole or not at all. Raises OSError."""
    kept = {"form": _FORM, **_read(folder)}
    there = kept.get(_TRAINING)
    known = there if isinstance(there, dict) else {}
    kept[_TRAINING] = {**known, key: {**known.get(key, {}), speed.backbone: asdict(speed)}}
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / _FILE, json.dumps(kept, ensure_ascii=False, indent=1).encode(), is_private=True)


def _read(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / _FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and found.get("form") == _FORM else {}


def _measured(model_id: str, plain: dict[str, Any]) -> Measured:
    rates = {Part(part): Rate(**rate) for part, rate in plain["rates"].items()}
    return Measured(**{**plain, "model_id": model_id, "rates": rates})


def _plain(machine: Machine) -> dict[str, Any]:
    plain = asdict(machine)
    for measured in plain["models"].values():
        measured["rates"] = {str(part): rate for part, rate in measured["rates"].items()}
    return plain
