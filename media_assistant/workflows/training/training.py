"""Networks that a person trains: planned from the library, trained by a worker process, kept as ordinary models.

What is under way lies in a folder of its own beside the models and goes on from there: after a stop, a crash, or a
computer that was switched off.
"""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
import sys
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from media_assistant.errors import UserFixable, why_of
from media_assistant.items.concept import Concept
from media_assistant.items.sentence import Sentence, sentence_from_plain
from media_assistant.items.training import OTHER, Matter, Phase, TrainingReport, WayScore
from media_assistant.items.which_way import NetworkSpeed
from media_assistant.jobs.limits import choose_threads
from media_assistant.jobs.threads import make_pool
from media_assistant.library.library import Library
from media_assistant.paths import Paths
from media_assistant.training.backbones import (
    BACKBONES,
    CROP,
    MEAN,
    SIDE,
    STD,
    Backbone,
    check_weights,
    find_backbone,
    find_weights,
)
from media_assistant.training.backbones import FOLDER as WEIGHTS
from media_assistant.training.torch_parts import lack, missing_parts
from media_assistant.workflows.models.installing import seldom
from media_assistant.workflows.models.machine import load_training_speed, machine_key, save_training_speed
from media_assistant.workflows.training.begun import (
    FOLDER,
    Begun,
    find_begun,
    id_for,
    is_of,
    place_of,
    plan_to_go_on_with,
)
from media_assistant.workflows.training.course_training import (
    course_candidates,
    course_card,
    course_plan,
    gather_courses,
    has_courses,
    save_courses,
    save_plan,
)
from media_assistant.workflows.training.dataset import LEAST_ITEMS, SEEN, Dataset, gather_dataset
from media_assistant.workflows.training.network_time import ask_speed
from media_assistant.workflows.training.training_pack import NO_PACK, PackState, install, look, remove
from media_assistant.workflows.training.training_worker import ask
from media_assistant.workflows.understanding.courses import COURSES

log = logging.getLogger(__name__)

TASK = "own-tags"
EPOCHS = 40
REPORT = "report.json"
"""Beside the card of each network that was trained: what was told of it."""

Progress = Callable[[Phase], None]


@dataclass(frozen=True, slots=True)
class Ability:
    """Whether this computer can train, and with what."""

    missing: tuple[str, ...]
    """Packages that are not installed; empty where it can."""
    backbones: tuple[tuple[Backbone, Path | None], ...]
    """Each with the file of its weights, where that is here."""
    pack: PackState = NO_PACK

    @property
    def lack(self) -> UserFixable | None:
        """What to say of the missing packages; None where nothing is missing."""
        if not self.missing:
            return None
        if self.pack.offer is not None and getattr(sys, "frozen", False):
            return UserFixable("training.pack_needed", size_mb=-(-self.pack.offer.size_bytes // 1_000_000))
        return lack(self.missing)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A network that was made, and what is to be said of it."""

    model_id: str
    report: TrainingReport
    notes: tuple[Sentence, ...] = ()


class Training:
    """A part of the assistant. One network is trained at a time; futures are settled on a thread of the engine."""

    def __init__(self, library: Library, paths: Paths, arrived: Callable[[Collection[str]], None]) -> None:
        """`arrived` is told the tasks of what came, as for any model."""
        self._library = library
        self._paths = paths
        self._arrived = arrived
        self._work = make_pool(1, "engine-training")
        self._stop = threading.Event()
        self._is_closing = threading.Event()

    def close(self) -> None:
        """Stop what is trained; it goes on from its last epoch when it is asked for again."""
        self._is_closing.set()
        self._work.shutdown(wait=True, cancel_futures=True)

    def ability(self) -> Ability:
        """Quick: asks for packages and files by name alone."""
        pack = look(self._paths)
        backbones = tuple((one, find_weights(one.name, self._folders())) for one in BACKBONES)
        return Ability(missing_parts(pack.site), backbones, pack)

    def train(
        self,
        name: str,
        concepts: Sequence[Concept],
        backbone: str = "",
        progress: Progress = lambda _: None,
        matter: Matter = Matter.PICTURES,
    ) -> Future[Outcome]:
        """A network called `name` that tells these tags apart, and what is none of them; from pictures with a `backbone`.

        One of the same name that was stopped goes on where it was, with the items that it was begun with; one that is done
        makes room. Raises UserFixable("training.…", "jobs.…", "model.…") and Cancelled.
        """
        self._stop.clear()
        return self._work.submit(self._train, name, tuple(concepts), backbone, matter, progress)

    def cancel(self) -> None:
        """Stop; what was learned up to the last epoch is kept."""
        self._stop.set()

    def fetch(self, backbone: str, progress: Callable[[int, int], None] | None = None) -> Future[Ability]:
        """Download the weights of a backbone, as torchvision would, because a person asked for it.

        Raises UserFixable("download.…", "training.weights_broken") and Cancelled.
        """
        self._stop.clear()

        def work() -> Ability:
            from media_assistant.inference.download import fetch_file

            known = find_backbone(backbone)
            folder = self._paths.user_models / WEIGHTS
            file = fetch_file(known.url, folder, known.file, progress=seldom(progress), should_stop=self._should_stop)
            try:
                check_weights(file)
            except UserFixable:
                file.unlink(missing_ok=True)
                raise
            return self.ability()

        return self._work.submit(work)

    def install(
        self, source: Path | None = None, mirror: str = "", progress: Progress = lambda _: None
    ) -> Future[Ability]:
        """Bring in the training pack, because a person asked for it: from `source`, a folder or an archive, or else by a
        download. Raises as `training_pack.install`.
        """
        self._stop.clear()

        def work() -> Ability:
            install(self._paths, look(self._paths).offer, source, mirror, progress, self._should_stop)
            return self.ability()

        return self._work.submit(work)

    def uninstall(self) -> Future[Ability]:
        """Delete the training pack. Raises UserFixable("training.pack_not_written")."""

        def work() -> Ability:
            remove(self._paths)
            return self.ability()

        return self._work.submit(work)

    def candidates(self, matter: Matter = Matter.PICTURES) -> list[tuple[Concept, int]]:
        """On the caller's thread: tags that the person put on what can be learned from, and on how many, most first."""
        if matter is not Matter.PICTURES:
            return course_candidates(self._library, matter)
        ids = [int(item_id) for kind in SEEN for item_id in self._library.item_ids(kind)]
        counted = [(concept, accepted) for concept, accepted, _ in self._library.tag_states(ids) if accepted]
        return sorted(counted, key=lambda one: -one[1])

    def matters(self) -> tuple[Matter, ...]:
        """On the caller's thread: pictures, and each sort of course of which there is enough to learn a tag."""
        return (
            Matter.PICTURES,
            *(one for one in COURSES if any(count >= LEAST_ITEMS for _, count in self.candidates(one))),
        )

    def last(self) -> Outcome | None:
        """On the caller's thread: what came of the training that was ended last, as it was told then."""
        found = self._made()
        return max(found, key=lambda one: one[0])[1] if found else None

    def _made(self) -> list[tuple[str, Outcome]]:
        """(when, what) of each network that was trained for this library and is still here."""
        found = []
        for file in self._paths.user_models.glob(f"*/{REPORT}"):
            try:
                told = json.loads(file.read_text("utf-8"))
                if not is_of(self._library, told):
                    continue  # its tags are others here, and on other items
                notes = tuple(sentence_from_plain(note) for note in told["notes"])
                found.append((str(told["at"]), Outcome(file.parent.name, _report_from(told["report"]), notes)))
            except (OSError, ValueError, KeyError, TypeError):
                log.warning("the report of a training cannot be read: %s", file)
        return found

    def trained_on(self, concept_id: str) -> tuple[float, float] | None:
        """On the caller's thread: what the last network of this tag got right of what was held back (0..1), and what a new
        head alone did; None where none was trained from pictures.
        """
        found = [
            (at, made.report)
            for at, made in self._made()
            if concept_id in made.report.labels and made.report.matter == Matter.PICTURES
        ]
        if not found:
            return None
        _, report = max(found, key=lambda one: one[0])
        return report.accuracy, report.head_accuracy

    def speed(self) -> NetworkSpeed | None:
        """On the caller's thread: what a step was measured to take on this computer; None where it was not."""
        return load_training_speed(self._paths.config, machine_key(whole_machine=True), self._begins_with())

    def measure_speed(self) -> Future[NetworkSpeed]:
        """Measure it, in some seconds, and remember it. Raises UserFixable("training.…", "jobs.…") and Cancelled."""
        self._stop.clear()

        def work() -> NetworkSpeed:
            known = self.speed()
            if known is None:
                threads = choose_threads(whole_machine=True)
                site = self.ability().pack.site
                known = ask_speed(self._paths, site, self._begins_with(), threads, self._should_stop)
                with contextlib.suppress(OSError):  # then it is measured again the next time
                    save_training_speed(self._paths.config, machine_key(whole_machine=True), known)
            return known

        return self._work.submit(work)

    def unfinished(self) -> list[Begun]:
        """What was begun for this library and not ended, to be gone on with or thrown away."""
        return [begun for _, begun in find_begun(self._library, self._paths.user_models)]

    def throw_away(self, name: str) -> Future[None]:
        """Forget a training for this library that was not ended. Not while another one runs: that may be the same."""

        def work() -> None:
            for folder, begun in find_begun(self._library, self._paths.user_models):
                if begun.name.strip() == name.strip():
                    shutil.rmtree(folder, ignore_errors=True)

        return self._work.submit(work)

    def _folders(self) -> tuple[Path, ...]:
        return (self._paths.user_models, *self._paths.model_folders)

    def _begins_with(self) -> str:
        """The quickest network whose weights are here, or the quickest of all."""
        return next((one.name for one, weights in self.ability().backbones if weights), BACKBONES[0].name)

    def _should_stop(self) -> bool:
        return self._stop.is_set() or self._is_closing.is_set()

    def _train(
        self, name: str, concepts: tuple[Concept, ...], backbone: str, matter: Matter, progress: Progress
    ) -> Outcome:
        ability = self.ability()
        if missing := ability.lack:
            raise missing
        if not concepts:
            raise UserFixable("training.no_tags")
        site, models = ability.pack.site, self._paths.user_models
        model_id = id_for(name, self._library, models)
        folder = models / FOLDER / model_id
        weights = find_weights(find_backbone(backbone).name, self._folders()) if matter is Matter.PICTURES else None
        if matter is Matter.PICTURES and weights is None:
            raise UserFixable("training.no_weights", backbone=backbone)
        begun = plan_to_go_on_with(folder, concepts, backbone, matter, self._library)
        if begun is not None and matter is not Matter.PICTURES and not has_courses(folder, begun[0], self._library):
            begun = None
        plan, learned = begun or (self._gather(name, concepts, backbone, matter, folder), concepts)
        card = _card(model_id, name, backbone) if matter is Matter.PICTURES else course_card(model_id, plan, folder)
        request = {"do": "train", "folder": str(folder), "weights": str(weights or ""), "site": str(site or "")}
        log_file = self._paths.logs / "worker-training.log"
        answer = ask(request, log_file, (folder,), progress, self._should_stop)
        report = answer["report"]
        notes = tuple(sentence_from_plain(note) for note in answer["notes"])
        if begun is not None:
            notes = (Sentence("training.gone_on"), *notes)
        made, at = folder / "made", datetime.now(UTC).isoformat(timespec="seconds")
        try:
            (made / "labels.tsv").write_text(_labels(learned), "utf-8")
            told = {"at": at, "library": place_of(self._library), "report": report}
            told["notes"] = [note.to_plain() for note in notes]
            (made / REPORT).write_text(json.dumps(told, ensure_ascii=False), "utf-8")
        except OSError as fault:
            raise UserFixable("training.not_kept", why=why_of(fault)) from fault
        from media_assistant.inference.install import finish

        of = "pictures" if matter is Matter.PICTURES else "courses"
        said = {"trained_at": at, "measured": f"{report['accuracy']:.3f} of the held-back {of} right"}
        finish(made, self._paths.user_models, {**card, **said}, replaces=True)
        shutil.rmtree(folder, ignore_errors=True)
        self._arrived({card["task"]})
        return Outcome(model_id, _report_from(report), notes)

    def _gather(
        self, name: str, concepts: tuple[Concept, ...], backbone: str, matter: Matter, folder: Path
    ) -> dict[str, Any]:
        """A plan of the library as it is now, in `folder` with what is learned from."""
        if matter is Matter.PICTURES:
            plan = _plan(name, gather_dataset(self._library, concepts), backbone)
        else:
            courses = gather_courses(self._library, concepts, matter)
            save_courses(folder, courses)
            plan = course_plan(name, courses)
        save_plan(folder, plan, self._library)
        return plan


def _plan(name: str, dataset: Dataset, backbone: str) -> dict[str, Any]:
    items = [
        {
            "item": one.item.id,
            "class": one.label,
            "path": str(one.item.path),
            "kind": one.item.kind.value,
            "at_ms": list(one.at_ms),
        }
        for one in dataset.items
    ]
    return {
        "name": name,
        "labels": list(dataset.labels),
        "backbone": backbone,
        "epochs": EPOCHS,
        "seed": 1,
        "threads": choose_threads(whole_machine=True),
        "items": items,
    }


def _labels(concepts: Sequence[Concept]) -> str:
    """Of `labels.tsv`; the last class, which is none of the tags, has no key."""

    def cell(text: str) -> str:
        return " ".join(text.split())

    rows = [(str(i), concept.id, cell(concept.en), cell(concept.zh)) for i, concept in enumerate(concepts)]
    rows.append((str(len(rows)), OTHER, "none of these", "都不是"))
    return "\n".join("\t".join(row) for row in [("index", "key", "en", "zh"), *rows]) + "\n"


def _card(model_id: str, name: str, backbone: str) -> dict[str, Any]:
    known = find_backbone(backbone)
    return {
        "id": model_id,
        "task": TASK,
        "session": "onnx",
        "languages": [],
        "licence": f"yours; begun from torchvision's {backbone} ({known.licence})",
        "model": "model.onnx",
        "labels": "labels.tsv",
        "name": name,
        "input": {"resize_short_side": SIDE, "crop": CROP, "mean": list(MEAN), "std": list(STD)},
        "output": {"logits": "float32 [batch, labels], no softmax", "embedding": f"float32 [batch, {known.width}]"},
    }


def _report_from(told: dict[str, Any]) -> TrainingReport:
    ways = tuple(WayScore(**way) for way in told.get("ways", ()))
    confusion = tuple(tuple(row) for row in told["confusion"])
    return TrainingReport(**{**told, "labels": tuple(told["labels"]), "confusion": confusion, "ways": ways})
