"""Histories of people in the format of MovieLens' ml-latest-small: what they rated, in its order, and films by title and genres."""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from media_assistant.learning.naming import read_names
from media_assistant.learning.own_past import Shelf, describe

LIKED = 4.0
_YEAR = re.compile(r"\((\d{4})[^)]*\)\s*$")
_WORD = re.compile(r"[^\W\d_]+|\d+")
_WIDTH = 160


@dataclass(frozen=True, slots=True)
class Histories:
    """`people`: for each, rows of films `[m]` and ratings `[m]`, the oldest first. Films are described by title and genres alone."""

    shelf: Shelf
    genres: np.ndarray
    units: np.ndarray
    """Genres, title and year as one unit vector each, for what is compared and for diversity."""
    people: dict[int, tuple[np.ndarray, np.ndarray]]


def load(folder: Path, seed: int = 0) -> Histories:
    """Read `movies.csv` and `ratings.csv`. Ratings of one second have no order: they are shuffled, by the seed and the person."""
    with (folder / "movies.csv").open(encoding="utf-8", newline="") as file:
        films = list(csv.DictReader(file))
    row_of = {film["movieId"]: row for row, film in enumerate(films)}
    raw: dict[int, list[tuple[int, int, float]]] = defaultdict(list)
    with (folder / "ratings.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            if line["movieId"] in row_of:
                raw[int(line["userId"])].append(
                    (int(float(line["timestamp"])), row_of[line["movieId"]], float(line["rating"]))
                )
    people = {}
    for person, lines in sorted(raw.items()):
        lots = np.random.default_rng([seed, person]).random(len(lines))
        order = sorted(range(len(lines)), key=lambda at: (lines[at][0], lots[at]))
        people[person] = (
            np.array([lines[at][1] for at in order]),
            np.array([lines[at][2] for at in order], np.float32),
        )
    return _describe(films, people)


def _describe(films: list[dict[str, str]], people: dict[int, tuple[np.ndarray, np.ndarray]]) -> Histories:
    names = sorted({name for film in films for name in film["genres"].split("|")})
    genres = np.array([[name in film["genres"].split("|") for name in names] for film in films], np.float32)
    found = [_YEAR.search(film["title"].strip()) for film in films]
    years = np.array([float(year[1]) if year else np.nan for year in found])
    words = _title_vectors([_YEAR.sub("", film["title"]) for film in films])
    rare = genres / np.sqrt(genres.mean(0) + 0.02)
    rare = _unit(rare - rare.mean(0))
    units = np.concatenate([rare * np.sqrt(0.5), words * np.sqrt(0.5)], 1).astype(np.float32)
    titles = [film["title"].lower() for film in films]
    order = np.empty(len(films), np.int64)
    order[sorted(range(len(films)), key=titles.__getitem__)] = np.arange(len(films))
    told = read_names([_YEAR.sub("", film["title"]) for film in films])
    shelf = describe(units, genres, years[:, None], order, told=told)
    known = np.nan_to_num(years, nan=np.nanmedian(years))
    ages = _unit(np.exp(-0.5 * ((known[:, None] - np.arange(1900, 2031, 5)) / 5) ** 2))
    whole = _unit(np.concatenate([rare, words * 0.7, ages], 1)).astype(np.float32)
    return Histories(shelf, genres, whole, people)


def _title_vectors(titles: list[str]) -> np.ndarray:
    """Words of a title, rare ones more, each in a direction of its own drawn by its letters."""
    told = [set(_WORD.findall(title.lower())) for title in titles]
    counts = Counter(word for words in told for word in words)
    directions = {}
    for word in counts:
        seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
        directions[word] = np.random.default_rng(seed).standard_normal(_WIDTH).astype(np.float32)
    rows = np.zeros((len(titles), _WIDTH), np.float32)
    for row, words in enumerate(told):
        for word in words:
            rows[row] += directions[word] * np.log(len(titles) / counts[word])
    return _unit(rows)


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def intra_list_diversity(units: np.ndarray) -> float:
    """How unlike the items of a list `[n, d]` are: the mean over all pairs of one minus their cosine."""
    n = len(units)
    if n < 2:
        return 0.0
    cosines = units @ units.T
    return float(1.0 - (cosines.sum() - np.trace(cosines)) / (n * (n - 1)))
