"""How Chinese is read: what else a word may have been typed as by its sound, and which name was meant by its letters.

Whoever writes Chinese types its sound and picks from a list, so that a mistyped word is mostly another one that is read
the same (登塔 for 灯塔), or nearly the same to many ears (晨 and 成).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product

from media_assistant.paths import bundled

_MOST_READINGS = 16
"""Of one name: each character with several readings multiplies them."""


def is_read(text: str) -> bool:
    """Whether all of it is characters whose reading is known."""
    return bool(text) and not text.isascii() and all(character in _readings() for character in text)


def sounds(text: str) -> Iterator[str]:
    """The letters that whoever types `text`, all of which is read, may type: dengta for 灯塔."""
    return map("".join, islice(product(*(_readings()[character] for character in text)), _MOST_READINGS))


def alike(character: str, *, nearly: bool = False) -> str:
    """The other characters with one of its readings, without regard to tones; with `nearly` those that are told from it only by
    what many do not hear: z and zh, c and ch, s and sh, n and l, and a final n or ng.
    """
    same = {other for syllable in _readings().get(character, ()) for other in _characters()[syllable]} - {character}
    if not nearly:
        return "".join(sorted(same))
    heard = {_as_heard(syllable) for syllable in _readings().get(character, ())}
    near = {other for each in heard for syllable in _heard_as()[each] for other in _characters()[syllable]}
    return "".join(sorted(near - same - {character}))


@lru_cache(maxsize=1)
def _characters() -> dict[str, str]:
    """By syllable without its tone."""
    text = (bundled("resources") / "vocabulary" / "readings.txt").read_text("utf-8")
    return {syllable: characters for syllable, _, characters in (line.partition(" ") for line in text.splitlines())}


@lru_cache(maxsize=1)
def _readings() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for syllable, characters in _characters().items():
        for character in characters:
            found[character] = (*found.get(character, ()), syllable)
    return found


@lru_cache(maxsize=1)
def _heard_as() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for syllable in _characters():
        found.setdefault(_as_heard(syllable), []).append(syllable)
    return found


def _as_heard(syllable: str) -> str:
    if syllable[:2] in ("zh", "ch", "sh"):
        syllable = syllable[0] + syllable[2:]
    elif syllable[0] == "l":
        syllable = "n" + syllable[1:]
    return syllable.removesuffix("g") if syllable.endswith(("ang", "eng", "ing")) else syllable
