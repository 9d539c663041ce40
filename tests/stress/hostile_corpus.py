"""Hostile files for every reader, the same ones for the same seed.

A whole file of each format is made by the libraries that write such files, then damaged in every way that disks, wires
and people damage files; beside them stand files that lie: about their size, their length, what is in them, where they
lead. Each lies in a folder of its reader under a name that says what is wrong with it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

Make = Callable[[Path], object]

READERS = ("film", "sound", "photo", "text", "web page", "pdf", "epub", "docx", "subtitles", "playlist", "place")


@dataclass(frozen=True)
class Hostile:
    """One bad file. `finds` are words that must be found in it all the same, `never` words that must not."""

    reader: str
    what: str
    path: Path
    finds: str = ""
    never: str = ""


@dataclass
class Corpus:
    """What is made so far. `address` is a server of this computer that nobody may ever ask."""

    folder: Path
    samples: Path
    seed: int = 1
    every: int = 1
    """Of the damaged ones only every so many is made."""
    every_lie: int = 1
    """And so of the others."""
    hole_mb: int = 2048
    address: str = "http://127.0.0.1:9"
    files: list[Hostile] = field(default_factory=list)
    _count: int = 0
    _lies: int = 0

    def random(self, what: str) -> random.Random:
        """The dice for one file: another file more or less changes no other."""
        return random.Random(f"{self.seed} {what}")

    def put(
        self,
        reader: str,
        what: str,
        suffix: str,
        made: bytes | Make,
        *,
        finds: str = "",
        never: str = "",
        name: str = "",
    ) -> None:
        """Write one file; `name` where what is odd about it is its name."""
        self._lies += 1
        if self._lies % self.every_lie == 0:
            self._write(Hostile(reader, what, self.folder / reader / (name or f"{what}{suffix}"), finds, never), made)

    def _write(self, hostile: Hostile, made: bytes | Make) -> None:
        assert hostile.reader in READERS
        hostile.path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(made, bytes):
            hostile.path.write_bytes(made)
        else:
            made(hostile.path)
        self.files.append(hostile)

    def put_damaged(self, reader: str, form: str, suffix: str, whole: bytes) -> None:
        """The file damaged in all ways, or in every so many of them."""
        for how, data in damaged(whole, self.random(form)):
            self._count += 1
            if self._count % self.every == 0:
                self._write(Hostile(reader, f"{form} {how}", self.folder / reader / f"{form} {how}{suffix}"), data)


def damaged(whole: bytes, dice: random.Random) -> Iterator[tuple[str, bytes]]:
    """`whole` cut off at many places, with other bytes in it, too few and too many of them."""
    size = len(whole)
    cuts = {1, 7, 12, 64, 200, size // 8, size // 3, size // 2, size * 9 // 10, size - 1}
    for at in sorted(cut for cut in cuts if 0 < cut < size):
        yield f"cut at {at}", whole[:at]
    for name, share, stop in (
        ("one in 1000", 0.001, size),
        ("one in 100", 0.01, size),
        ("one in 10", 0.1, size),
        ("three in its head", 0.0, min(size, 256)),
        ("three more in its head", 0.0, min(size, 256)),
        ("three in its tail", 0.0, -min(size, 256)),
    ):
        data = bytearray(whole)
        for _ in range(max(3, int(size * share))):
            at = dice.randrange(size + stop, size) if stop < 0 else dice.randrange(stop)
            data[at] ^= 1 << dice.randrange(8)
        yield f"bits turned {name}", bytes(data)
    for name, fill in (("zeros", b"\0"), ("ones", b"\xff")):
        at = dice.randrange(4, max(5, min(size // 2, 400)))
        yield f"8 {name} in its head", whole[:at] + fill * 8 + whole[at + 8 :]
    third = size // 3
    yield "middle lost", whole[:third] + whole[2 * third :]
    yield "middle empty", whole[:third] + bytes(third) + whole[2 * third :]
    yield "middle doubled", whole[: 2 * third] + whole[third:]
    at = dice.randrange(size)
    yield "stuffed", whole[:at] + dice.randbytes(4096) + whole[at:]
    yield "first bytes lost", whole[16:]
    yield "tail of noise", whole + dice.randbytes(20_000)


def make_corpus(
    folder: Path,
    samples: Path,
    *,
    seed: int = 1,
    every: int = 1,
    every_lie: int = 1,
    address: str = "http://127.0.0.1:9",
    hole_mb: int = 2048,
    is_long: bool = False,
) -> list[Hostile]:
    """All of it, or a part: of what is damaged every so many, of what lies every so many. `is_long` with hours of sound."""
    from tests.stress.hostile_books import put_books
    from tests.stress.hostile_films import put_films
    from tests.stress.hostile_lists import put_lists
    from tests.stress.hostile_photos import put_photos
    from tests.stress.hostile_places import put_places
    from tests.stress.hostile_sounds import put_sounds
    from tests.stress.hostile_texts import put_texts

    corpus = Corpus(folder, samples, seed, every, every_lie, hole_mb, address)
    for put in (put_films, put_sounds, put_photos, put_texts, put_books, put_lists):
        put(corpus)
    put_places(corpus, is_long=is_long)
    return corpus.files
