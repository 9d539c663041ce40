"""A person's settings: read once when the program starts, written when they change one."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any, Literal, NamedTuple

Theme = Literal["system", "dark", "light"]


class Settings(NamedTuple):
    """Immutable; `_replace` makes the next ones and `save` keeps them."""

    language: str = "system"
    """`system`, `en` or `zh_CN`."""
    theme: Theme = "system"
    chosen_models: Mapping[str, str] = {}
    """Model id by task, where the person chose."""
    switched_off: tuple[str, ...] = ()
    """Analysers that the person does not want."""
    spoken_languages: tuple[str, ...] = ()
    workers: int = 1
    overnight: bool = False
    """Use the whole machine instead of staying in the background."""
    memory_limit_mb: int = 4096
    """What a worker may take. A network that is here and needs more gets more."""
    on_battery: str = "slow"
    """What the work does without mains: `slow`, `rest` (nothing at all) or `full`."""
    slow_while_playing: bool = True
    stays_awake: bool = True
    """The computer does not fall asleep while there is work."""
    tells_when_done: bool = True
    """A notification when long work ends while the window is not looked at."""
    tray: bool = False
    recent_libraries: tuple[str, ...] = ()
    """Files, the latest first."""
    download_mirror: str = ""
    training_mirror: str = ""
    """Where the wheels of the training pack lie by their names; empty: where each is published."""
    keys: Mapping[str, str] = {}
    """Keys that the person changed, by the name of what they do; several are one a line."""
    subtitles: str = "medium"
    """How large subtitles are drawn on the picture: `off`, `small`, `medium`, `large`."""
    window: Mapping[str, str] = {}
    """Geometry and splitter states, base64."""


_CHOICES = {"theme": ("system", "dark", "light"), "on_battery": ("slow", "rest", "full")}
_NUMBERS = {"workers": range(1, 65), "memory_limit_mb": range(256, 4_194_305)}
"""A file that asks for a million workers, or for none, was not written by this program."""


def load(path: Path) -> Settings:
    """Settings from a JSON file; unknown keys are ignored, wrong values fall back one by one. One that cannot be read counts
    as none, but is kept beside what is saved in its place (`broken_file`).
    """
    try:
        found = json.loads(path.read_text("utf-8"))
        if not isinstance(found, dict):
            raise TypeError("no settings")
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except (OSError, ValueError, TypeError, RecursionError):
        _unread.add(path)
        return Settings()
    _unread.discard(path)
    defaults = Settings()
    accepted: dict[str, Any] = {}
    for name, default in defaults._asdict().items():
        if name not in found:
            continue
        value = found[name]
        if isinstance(default, tuple) and isinstance(value, list) and all(isinstance(part, str) for part in value):
            accepted[name] = tuple(value)
        elif isinstance(default, dict) and isinstance(value, dict):
            accepted[name] = {str(key): str(entry) for key, entry in value.items()}
        elif type(value) is type(default) and value in _CHOICES.get(name, _NUMBERS.get(name, (value,))):
            accepted[name] = value
    return Settings(**accepted)


def broken_file(path: Path) -> Path | None:
    """Where the settings that were there and could not be read are kept as soon as others are saved; None once they are, and
    where there is nothing wrong.
    """
    return path.with_name(f"{path.stem}.broken{path.suffix}") if path in _unread else None


_unread: set[Path] = set()
"""Files that were there, and could not be read: by a typo, or because the system refused."""


def turn_to_save(settings: Settings, path: Path) -> Callable[[], None]:
    """Gives a call that saves these settings, as `save`, unless what was chosen after them is saved already: while one library
    closes and another opens, both save on threads of their own.
    """
    turn = next(_turns)

    def save_in_turn() -> None:
        with _saving:
            if turn > _saved.get(path, 0):
                save(settings, path)
                _saved[path] = turn

    return save_in_turn


_turns = count(1)
_saving = Lock()
_saved: dict[Path, int] = {}
"""By file the turn that was saved last."""


def save(settings: Settings, path: Path) -> None:
    """Write atomically: a crash leaves the old file or the new one. What a killed program left half goes."""
    from media_assistant.whole_files import forget_drafts, write_whole

    path.parent.mkdir(parents=True, exist_ok=True)
    if (broken := broken_file(path)) is not None:
        with suppress(FileNotFoundError):
            os.replace(path, broken)
        _unread.discard(path)
    write_whole(path, json.dumps(settings._asdict(), ensure_ascii=False, indent=2).encode(), is_private=True)
    forget_drafts(path.parent)
