"""The networks that this computer has, opened when they are first asked for and closed when they lie idle.

Lives in a worker process. Nothing here names a model: tasks name cards, cards name files.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar, cast

from media_assistant.errors import UserFixable
from media_assistant.inference.audio_tags import AudioTags
from media_assistant.inference.card import ModelCard
from media_assistant.inference.course_classes import CourseClasses
from media_assistant.inference.hardware import CPU, Hardware
from media_assistant.inference.image_classes import ImageClasses
from media_assistant.inference.image_text import ImageText
from media_assistant.inference.ocr import Ocr
from media_assistant.inference.onnx_session import OnnxNetwork
from media_assistant.inference.speech import Speech
from media_assistant.inference.store import ModelStore
from media_assistant.inference.text_embedding import TextEmbedding
from media_assistant.inference.voice import Voice
from media_assistant.items.sentence import Sentence


class Network(Protocol):
    """What the cache needs to know of a network."""

    @property
    def last_used(self) -> float:
        """`time.monotonic()` of the last run."""
        ...

    @property
    def device(self) -> str:
        """What it runs on: `CPU`, `CUDA`, `CoreML` …"""
        ...

    @property
    def notes(self) -> tuple[Sentence, ...]:
        """What runs on something slower than hoped."""
        ...

    def free(self) -> None:
        """Let go of the memory until the next use."""
        ...


N = TypeVar("N", bound=Network)


class Models:
    """Opens the best model for a task. One object per worker; its networks may be used from several threads.

    Each method raises UserFixable("model.missing", task=…) where there is no model for its task, and what
    `ModelStore.check` raises where its files are not the ones that its card means.
    """

    def __init__(
        self,
        store: ModelStore,
        hardware: Hardware,
        *,
        chosen: Mapping[str, str] | None = None,
        languages: Sequence[str] = (),
        threads: int = 2,
        speeds: Mapping[str, float] | None = None,
    ) -> None:
        self.store = store
        self.hardware = hardware
        self.threads = max(1, threads)
        self._chosen = dict(chosen or {})
        self._speeds = dict(speeds or {})
        self._languages = tuple(languages)
        self._open: dict[str, Network] = {}
        self._lock = threading.RLock()

    def card(self, task: str, language: str = "") -> ModelCard:
        """The card of the model that serves `task`. Nothing is opened. Raises UserFixable("model.missing")."""
        languages = (language,) if language else self._languages
        card = self.store.find(task, languages, self._chosen.get(task, ""), self.hardware, self._speeds)
        if card is None:
            raise UserFixable("model.missing", task=task)
        return card

    def image_text(self) -> ImageText:
        """Pictures and words in one space."""
        return self._network(self.card("image-text-embedding"), ImageText)

    def image_texts(self, spaces: Collection[str]) -> list[ImageText]:
        """The best one, and of the others those whose space is among these: what they saw is found by them alone."""
        best, *others = self._cards("image-text-embedding")
        wanted = {best.space: best}
        for card in others:
            if card.space in spaces:
                wanted.setdefault(card.space, card)
        return self._all_of(list(wanted.values()), ImageText)

    def image_classes(self) -> ImageClasses:
        """What a picture shows, out of the model's own list."""
        return self._network(self.card("image-classification"), ImageClasses)

    def own_tags(self) -> list[ImageClasses]:
        """Every network that the person trained to see tags of their own. A broken one does not take the others with it."""
        cards = self.store.find_all("own-tags", hardware=self.hardware)
        if not cards:
            raise UserFixable("model.missing", task="own-tags")
        return self._all_of(cards, ImageClasses)

    def own_courses(self) -> list[CourseClasses]:
        """As `own_tags`, of those that tell a tag from the course of a film or a sound."""
        cards = self.store.find_all("own-courses", hardware=self.hardware)
        if not cards:
            raise UserFixable("model.missing", task="own-courses")
        return self._all_of(cards, CourseClasses)

    def sounds(self) -> AudioTags:
        """What is heard, out of the model's own list."""
        return self._network(self.card("audio-tagging"), AudioTags)

    def music(self) -> AudioTags:
        """What a piece of music is like."""
        return self._network(self.card("music-tagging"), AudioTags)

    def texts(self) -> list[TextEmbedding]:
        """Every text space, best first; the built-in one is always among them."""
        # One broken model must not take the other spaces with it; the model page says what is wrong.
        return self._all_of(self._cards("text-embedding"), TextEmbedding)

    def speech(self, language: str = "") -> Speech:
        """Spoken words of `language`, or of any language that the best model knows."""
        return self._network(self.card("speech-recognition", language), Speech)

    def voice(self) -> Voice:
        """Where somebody speaks; comes with the program."""
        return self._built_in("voice", Voice)

    def written(self) -> Ocr:
        """Words in a picture; comes with the program."""
        return self._built_in("written", lambda: Ocr(threads=self.threads))

    def thought_s(self) -> dict[str, float]:
        """Time that each open network has spent on what it was given, by its model's id."""
        with self._lock:
            networks = [each for each in self._open.values() if isinstance(each, OnnxNetwork | Speech)]
        return {each.card.id: each.thought_s for each in networks}

    def notes(self) -> tuple[Sentence, ...]:
        """One sentence for each thing that runs on something slower than hoped."""
        with self._lock:
            found = [note for network in self._open.values() for note in network.notes]
        return _each_once((*self.hardware.notes, *found))

    def device(self, since: float) -> str:
        """The fastest device that a network used after `since` (`time.monotonic()`); empty when none ran."""
        used = {network.device for network in self._used(since)}
        return min(used, key=lambda device: (device == CPU, device), default="")

    def setbacks(self, since: float) -> tuple[Sentence, ...]:
        """Why networks used after `since` run on something slower than they could: a sentence for each, and the card's."""
        used = self._used(since)
        of_card = [note for note in self.hardware.notes if used and note.code == "hardware.card_unusable"]
        return _each_once((*of_card, *(note for network in used for note in network.notes)))

    def free_idle(self, after_s: float = 300.0) -> int:
        """Close the networks that nobody has used for `after_s` seconds; they open again by themselves. Returns how many."""
        before = time.monotonic() - after_s
        with self._lock:
            idle = [name for name, network in self._open.items() if network.last_used < before]
            for name in idle:
                self._open.pop(name).free()
        return len(idle)

    def _used(self, since: float) -> list[Network]:
        # Asked by another thread while networks open: a moment later will do.
        if not self._lock.acquire(blocking=False):
            return []
        try:
            return [network for network in self._open.values() if network.last_used >= since]
        finally:
            self._lock.release()

    def _cards(self, task: str) -> list[ModelCard]:
        chosen = self._chosen.get(task, "")
        cards = self.store.find_all(task, self._languages, chosen, self.hardware, self._speeds)
        if not cards:
            raise UserFixable("model.missing", task=task)
        return cards

    def _network(self, card: ModelCard, kind: Callable[..., N]) -> N:
        key = f"model:{card.id}:{card.folder}:{card.revision}"
        with self._lock:
            if key not in self._open:
                checked = self.store.check(card)
                # One that was trained anew, or lies elsewhere now. Whoever is at work with it keeps it so long.
                for other in [name for name in self._open if name.startswith(f"model:{card.id}:")]:
                    del self._open[other]
                self._open[key] = kind(checked, hardware=self.hardware, threads=self.threads)
            return cast("N", self._open[key])

    def _all_of(self, cards: Sequence[ModelCard], kind: Callable[..., N]) -> list[N]:
        """Those of the networks that open. Raises the first one's fault where none does."""
        networks: list[N] = []
        faults: list[UserFixable] = []
        for card in cards:
            try:
                networks.append(self._network(card, kind))
            except UserFixable as fault:
                faults.append(fault)
        if not networks:
            raise faults[0]
        return networks

    def _built_in(self, name: str, make: Callable[[], N]) -> N:
        with self._lock:
            if name not in self._open:
                self._open[name] = make()
            return cast("N", self._open[name])


def _each_once(notes: Iterable[Sentence]) -> tuple[Sentence, ...]:
    """Both graphs of a network say the same of it."""
    return tuple({note.to_json(): note for note in notes}.values())
