"""The one translation catalogue. Needs no Qt, so the command line speaks both languages too.

`resources/translations/<language>/<room>.toml` hold flat tables of key and sentence; `{name}` is a placeholder. A
count chooses between `key.one` and `key.other` by the parameter `count` (Chinese has `key.other` alone).
"""

from __future__ import annotations

import locale
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from media_assistant.paths import bundled

LANGUAGES = ("en", "zh_CN")


@lru_cache(maxsize=4)
def load_sentences(language: str) -> Mapping[str, str]:
    """All sentences of one language by dotted key. Raises KeyError for a language that is not in LANGUAGES."""
    if language not in LANGUAGES:
        raise KeyError(language)
    sentences: dict[str, str] = {}
    for file in sorted((bundled("resources") / "translations" / language).glob("*.toml")):
        _flatten(tomllib.loads(file.read_text("utf-8")), "", sentences, file)
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
    name = (locale.getlocale()[0] or "") if wish == "system" else wish
    return "zh_CN" if name.lower().startswith(("zh", "chinese")) else "en"


def say(language: str, code: str, **parameters: str | int | float) -> str:
    """The sentence for `code`. Raises KeyError for an unknown code or a missing parameter: both are our bug.

    A parameter that reads differently in Chinese, such as names of tags, comes twice: `names` and `names_zh`.
    """
    sentences = load_sentences(language)
    if language.startswith("zh"):
        parameters |= {name[:-3]: value for name, value in parameters.items() if name.endswith("_zh")}
    if "count" in parameters and f"{code}.other" in sentences:
        form = "one" if parameters["count"] == 1 and f"{code}.one" in sentences else "other"
        code = f"{code}.{form}"
    return sentences[code].format_map(parameters)
