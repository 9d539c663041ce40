"""Which language a text is in: by its script where that decides, else by py3langid's letter statistics."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

_READ = 6000
"""Characters that are looked at: more tell nothing new."""
_LEAST_LETTERS = 2
_SCRIPTS = {
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "THAI": "th",
    "HEBREW": "he",
    "GREEK": "el",
    "ARMENIAN": "hy",
    "GEORGIAN": "ka",
    "KHMER": "km",
    "LAO": "lo",
    "MYANMAR": "my",
    "TAMIL": "ta",
    "TELUGU": "te",
    "BENGALI": "bn",
    "GUJARATI": "gu",
    "KANNADA": "kn",
    "MALAYALAM": "ml",
    "SINHALA": "si",
}
_SPACES = re.compile(r"https?://\S+|[\d\W_]+")


def language_of(text: str) -> str:
    """ISO 639-1, or empty where there are too few letters to tell. Han without kana is Chinese."""
    sample = _sample(text)
    letters = [letter for letter in sample if letter.isalpha()]
    if len(letters) < _LEAST_LETTERS:
        return ""
    scripts: dict[str, int] = {}
    for letter in letters:
        script = _script(letter)
        scripts[script] = scripts.get(script, 0) + 1
    kana = scripts.get("HIRAGANA", 0) + scripts.get("KATAKANA", 0)
    han = scripts.get("CJK", 0)
    if kana + han > 0.25 * len(letters) or kana > 0.1 * len(letters):
        # Japanese prose is at least a tenth kana; a Chinese text may quote a word of it.
        return "ja" if kana >= 0.1 * (kana + han) else "zh"
    script, count = max(scripts.items(), key=lambda pair: pair[1])
    if script in _SCRIPTS and count > 0.5 * len(letters):
        return _SCRIPTS[script]
    language, _ = _identifier().classify(_SPACES.sub(" ", sample))
    return str(language)


def _sample(text: str) -> str:
    """The beginning and the middle of a long text: a preface may be in another language."""
    if len(text) <= _READ:
        return text
    half = _READ // 2
    middle = len(text) // 2
    return text[:half] + " " + text[middle : middle + half]


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "?").partition(" ")[0]


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid import langid

    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
