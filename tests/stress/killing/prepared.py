"""What every round starts from: a few small originals, and libraries over them, made once and copied for each round."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import wave
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from media_assistant.assistant import Assistant
from media_assistant.paths import Paths
from media_assistant.settings import Settings, load
from tests.conftest import ROOT
from tests.films import make_film
from tests.inference.conftest import CARD
from tests.inference.graphs import text_tower, vision_tower, write_json, write_tokenizer

SUBTITLES = """1
00:00:00,200 --> 00:00:01,800
The ferry leaves the harbour.

2
00:00:02,200 --> 00:00:03,800
Nobody waves from the pier.

3
00:00:04,200 --> 00:00:05,600
The lighthouse goes on at seven.
"""

SMALL_FILES = 45
"""Of an import: more than the first batch of it, so that there are several transactions."""
SPEECH = "asr-whisper-digits"
SPOKEN_DIGITS = range(12, 24)
"""How many words a recogniser may hear in the speech: seventeen or so are said."""
_SWITCHED_OFF = ("writing", "words")
"""Analysers whose networks take a second to load; nothing of theirs is special when it comes to being killed."""


@dataclass(frozen=True)
class Place:
    """A person's folders for one round, and the originals, which all rounds share."""

    folder: Path
    originals: Path
    models: Path

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def paths(self) -> Paths:
        home = self.home
        library = home / "data" / "library.sqlite"
        return Paths(home / "data", home / "cache", home / "config", home / "logs", library, (self.models,))

    @property
    def library(self) -> Path:
        return self.paths.library

    def settings(self) -> Settings:
        return load(self.paths.config / "settings.json")

    def change_settings(self, **changed: object) -> None:
        file = self.paths.config / "settings.json"
        file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), **changed}), "utf-8")

    def open(self, *, works: bool = False) -> Assistant:
        """The engine in this process; as a command line does, it waits for nothing when it is closed."""
        return Assistant.open(self.paths, self.settings(), works=works, is_foreground=True)

    def environment(self) -> dict[str, str]:
        """What a process of the program is started with."""
        left = ("MEDIA_ASSISTANT_", "HF_", "PYTHON", "PYTEST")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(left)}
        return {
            **kept,
            "MEDIA_ASSISTANT_HOME": str(self.home),
            "MEDIA_ASSISTANT_MODELS": str(self.models),
            "QT_QPA_PLATFORM": "offscreen",
            "OMP_NUM_THREADS": "1",
            "NO_PROXY": "127.0.0.1",
            "PYTHONFAULTHANDLER": "1",
            "PYTHONPATH": str(ROOT),
            # Compiled once for all rounds, and nothing of it in the source tree.
            "PYTHONPYCACHEPREFIX": str(self.models.parent / "compiled"),
        }


@dataclass(frozen=True)
class Prepared:
    """`libraries` are folders to be copied: `empty`, `imported`, `understood`, and `spoken` where `has_speech`."""

    folder: Path
    has_speech: bool

    @property
    def originals(self) -> Path:
        return self.folder / "originals"

    def place(self, name: str, folder: Path) -> Place:
        """A copy of a library, to be worked on."""
        made = Place(folder, self.originals, self.folder / "models")
        source = self.folder / "libraries" / name
        shutil.copytree(source / "home", made.home)
        if (source / "previews").exists():
            shutil.copytree(source / "previews", made.paths.previews)
        return made

    def keep(self, name: str, place: Place) -> None:
        """From now on `place` can be copied under this name. Small pictures lie where the library's own place says."""
        target = self.folder / "libraries" / name
        shutil.copytree(place.home, target / "home", ignore=shutil.ignore_patterns("libraries", "*.lock"))
        if place.paths.previews.exists():
            shutil.copytree(place.paths.previews, target / "previews")


def prepare(folder: Path, material: Path | None) -> Prepared:
    """Make all of it; `material` holds the speech network, and speech to hear, if there is any."""
    prepared = Prepared(folder, material is not None)
    _make_originals(prepared.originals, material)
    _make_models(folder / "models", material)
    place = Place(folder / "making", prepared.originals, folder / "models")
    place.paths.config.mkdir(parents=True)
    off = [*_SWITCHED_OFF, "speech"]
    (place.paths.config / "settings.json").write_text(
        json.dumps({"language": "en", "switched_off": off, "overnight": True}), "utf-8"
    )
    place.open().close()
    prepared.keep("empty", place)
    _understand(prepared, place, ("imported", "understood"), prepared.originals / "media")
    if material is not None:
        place = prepared.place("empty", folder / "making speech")
        _understand(prepared, place, ("", ""), prepared.originals / "speech")
        place.change_settings(switched_off=_SWITCHED_OFF)
        prepared.keep("spoken", place)
    return prepared


def _understand(prepared: Prepared, place: Place, names: tuple[str, str], media: Path) -> None:
    assistant = place.open()
    report = assistant.import_paths([media]).result()
    assert report.added and not report.failed, report
    assistant.close()
    if names[0]:
        prepared.keep(names[0], place)
    assistant = place.open(works=True)
    assert not assistant.when_idle().result().failed
    assistant.close()
    with closing(sqlite3.connect(place.library)) as connection:
        # What a round takes back are its own steps, and never that the files were brought in.
        connection.execute("DELETE FROM journal")
        connection.commit()
    if names[1]:
        prepared.keep(names[1], place)


def _make_originals(folder: Path, material: Path | None) -> None:
    media, small = folder / "media", folder / "small"
    for each in (media, small):
        each.mkdir(parents=True)

    make_scenes(media / "ferry.mp4")
    (media / "ferry.srt").write_text(SUBTITLES, "utf-8")
    _tone(media / "hum.wav", 4, 220)
    random = np.random.default_rng(7)
    Image.fromarray(random.integers(0, 255, (60, 90, 3), np.uint8)).resize((360, 240)).save(media / "pier.jpg")
    Image.fromarray(random.integers(0, 255, (50, 50, 3), np.uint8)).resize((200, 200)).save(media / "buoy.png")
    for number in range(SMALL_FILES):
        if number % 5:
            (small / f"note {number}.txt").write_text(f"Note {number}: the tide is at {number} feet.\n" * 3, "utf-8")
        else:
            Image.new("RGB", (40 + number, 30), (number * 5, 90, 120)).save(small / f"colour {number} 颜色.png")
    if material is not None:
        _speech(folder / "speech" / "numbers.wav", material / "media" / "digits")


def make_scenes(file: Path) -> Path:
    """A small film of six seconds, with a new scene every two."""

    def scene(number: int, width: int, height: int) -> np.ndarray:
        picture = np.full((height, width, 3), (40, 60, 90), np.uint8)
        at = number // 20
        picture[:, : width // 2] = ((200, 40, 30), (30, 180, 60), (20, 60, 210))[at % 3]
        picture[height // 2 :, (number % 20) * width // 40 :] = ((10, 200, 200), (220, 220, 40), (200, 30, 160))[at % 3]
        return picture

    return make_film(file, seconds=6, rate=10, width=160, height=96, gop=10, draw=scene)


def _tone(file: Path, seconds: float, hertz: float) -> None:
    at = np.arange(int(seconds * 16_000)) / 16_000
    wave_form = (np.sin(2 * np.pi * hertz * at) * np.sin(2 * np.pi * 1.5 * at) * 9000).astype("<i2")
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16_000)
        out.writeframes(wave_form.tobytes())


def _speech(file: Path, digits: Path) -> None:
    """Twenty seconds of spoken digits: several lines, each a checkpoint."""
    file.parent.mkdir()
    with wave.open(str(file), "wb") as out:
        for number, each in enumerate(sorted(digits.glob("*.wav"))[:6]):
            with wave.open(str(each), "rb") as spoken:
                if not number:
                    out.setparams(spoken.getparams())
                out.writeframes(spoken.readframes(spoken.getnframes()) + bytes(16_000))


def make_picture_model(folder: Path) -> None:
    """A network of a few kilobytes that says of each picture what it likes, always the same."""
    from media_assistant.inference.install import to_toml

    vision_tower(folder / "onnx" / "vision_model.onnx")
    text_tower(folder / "onnx" / "text_model.onnx")
    write_tokenizer(folder / "tokenizer.json")
    sizes = {"size": {"shortest_edge": 36}, "crop_size": {"height": 32, "width": 32}, "resample": 3}
    write_json(
        folder / "preprocessor_config.json",
        {**sizes, "image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.25, 0.5]},
    )
    (folder / "model.toml").write_text(to_toml(CARD), encoding="utf-8")


def _make_models(folder: Path, material: Path | None) -> None:
    make_picture_model(folder / "tiny")
    if material is not None:
        shutil.copytree(material / "models" / SPEECH, folder / SPEECH)
