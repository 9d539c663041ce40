"""The one translation catalogue. Needs no Qt, so the command line speaks both languages too.

`resources/translations/<language>/<room>.toml` hold flat tables of key and sentence; `{name}` is a placeholder. A
count chooses between `key.one` and `key.other` by the parameter `count` (Chinese has `key.one` only where one alone is
said otherwise).
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from media_assistant.paths import bundled, find_paths

LANGUAGES = ("en", "zh_CN")
_PREFERENCES = "Library/Preferences/.GlobalPreferences.plist"
_NAMES = {"task": "task", "analyser": "ui.analyser", "trait": "ui.trait"}
"""Where the names are that a person reads for the program's own."""


@lru_cache(maxsize=4)
def load_sentences(language: str) -> Mapping[str, str]:
    """All sentences of one language by dotted key. Raises KeyError for a language that is not in LANGUAGES."""
    if language not in LANGUAGES:
        raise KeyError(language)
    folder = bundled("resources") / "translations" / language
    with os.scandir(folder) as entries:
        states = sorted(
            ((entry.name, entry.stat()) for entry in entries if entry.name.endswith(".toml")), key=lambda one: one[0]
        )
    stamp = [str(folder), *(f"{name} {state.st_size} {state.st_mtime_ns}" for name, state in states)]
    kept = find_paths().cache / "sentences" / f"{language}.json"
    return _read_kept(kept, stamp) or _read_afresh(folder, [name for name, _ in states], stamp, kept)


def _read_kept(kept: Path, stamp: list[str]) -> Mapping[str, str] | None:
    """Reading TOML takes longer than the window's first picture may, so what was read is kept as JSON, for as long as
    the files it came from are the same.
    """
    try:
        found = json.loads(kept.read_bytes())
        return dict(found["sentences"]) if found["stamp"] == stamp else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _read_afresh(folder: Path, names: list[str], stamp: list[str], kept: Path) -> Mapping[str, str]:
    import tomllib

    from media_assistant.whole_files import write_whole

    sentences: dict[str, str] = {}
    for name in names:
        _flatten(tomllib.loads((folder / name).read_text("utf-8")), "", sentences, folder / name)
    with contextlib.suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_whole(kept, json.dumps({"stamp": stamp, "sentences": sentences}, ensure_ascii=False).encode())
    return sentences


def _flatten(table: Mapping[str, object], prefix: str, into: dict[str, str], file: Path) -> None:
    for key, value in table.items():
        if isinstance(value, dict):
            _flatten(value, f"{prefix}{key}.", into, file)
        elif f"{prefix}{key}" in into:
            raise ValueError(f"{prefix}{key} stands twice, the second time in {file.name}")
        else:
            into[f"{prefix}{key}"] = str(value)


def choose_language(wish: str) -> str:
    """`wish` if we speak it; for `system` what the system speaks; English otherwise."""
    name = _system_language() if wish == "system" else wish
    return "zh_CN" if name.lower().startswith(("zh", "chinese")) else "en"


def _system_language() -> str:
    """`zh_CN`, `zh-Hans-CN`; empty where nobody says. That of menus, which need not be that of dates and numbers."""
    if sys.platform == "win32":
        import ctypes
        import locale

        return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    named = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    # Only a terminal on macOS has these; a program that is started from the Finder is told nothing.
    return _preferred_by(Path.home() / _PREFERENCES) if sys.platform == "darwin" and not named else named


@lru_cache(maxsize=1)
def _preferred_by(preferences: Path) -> str:
    """The first of the languages that a person of macOS has put in order. Kept, for each sentence of the engine asks."""
    import plistlib
    from xml.parsers.expat import ExpatError

    try:
        return str(plistlib.loads(preferences.read_bytes())["AppleLanguages"][0])
    except (OSError, ValueError, LookupError, TypeError, ExpatError):
        return ""


def say(language: str, code: str, **parameters: str | int | float) -> str:
    """The sentence for `code`. Raises KeyError for an unknown code or a missing parameter: both are our bug.

    A parameter that reads differently in Chinese, such as names of tags, comes twice: `names` and `names_zh`. A `task`
    or an `analyser` is called what a person calls it.
    """
    sentences = load_sentences(language)
    for name in ("why", "reason"):
        if str(parameters.get(name, "")).startswith("system."):
            parameters[name] = _say_system(sentences, str(parameters[name]))
    for name in ("task", "analyser"):
        if name in parameters:
            parameters[name] = say_name(language, name, str(parameters[name]))
    if language.startswith("zh"):
        parameters |= {name[:-3]: value for name, value in parameters.items() if name.endswith("_zh")}
    if "count" in parameters and f"{code}.other" in sentences:
        form = "one" if parameters["count"] == 1 and f"{code}.one" in sentences else "other"
        code = f"{code}.{form}"
    return sentences[code].format_map(parameters)


def say_name(language: str, of: str, name: str) -> str:
    """What a person calls a `task` of models, an `analyser` or a `trait`; its own name if nobody gave it words."""
    return load_sentences(language).get(f"{_NAMES[of]}.{name}", name)


def say_key(language: str, key: str) -> str:
    """A musical key such as `A minor` in words; what is none stands as it is."""
    tonic, _, mode = key.partition(" ")
    pattern = load_sentences(language).get(f"music.{mode}")
    return pattern.format(tonic=tonic) if pattern else key


def _say_system(sentences: Mapping[str, str], code: str) -> str:
    """What `errors.why_of` gave, in words; rare ones in the system's own."""
    return sentences.get(code) or os.strerror(getattr(errno, code.removeprefix("system."), 0))
