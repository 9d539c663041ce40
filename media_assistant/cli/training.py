"""The verb `train`: a network of one's own, from the tags that a person put on things."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from media_assistant.cli.desk import Desk, Said, wait
from media_assistant.cli.teach import ask_which_way, which_way_document, which_way_lines
from media_assistant.cli.wording import printable
from media_assistant.errors import UserFixable
from media_assistant.items.concept import Concept
from media_assistant.items.training import BYTES, OTHER, Matter, Phase, TrainingReport
from media_assistant.workflows.tags.tagging import resolve

Plain = dict[str, Any]


def train(desk: Desk) -> Said:
    """Without tags: what this computer can do, and what was begun; or the training pack. With tags: train, or go on."""
    training = desk.assistant.training
    if desk.asked.throw_away:
        wait(training.throw_away(desk.asked.throw_away))
        return Said({"thrown_away": desk.asked.throw_away}, [desk.say("cli.training.thrown_away")])
    if desk.asked.install is not None:
        return _install(desk)
    if desk.asked.uninstall:
        wait(training.uninstall())
        return Said({"uninstalled": True}, [desk.say("cli.training.uninstalled")])
    if not desk.asked.tags:
        return _tell_ability(desk)
    concepts = [resolve(desk.assistant.library, name) for name in desk.asked.tags]
    if desk.asked.advise:
        return _advise(desk, concepts)
    matter = Matter(desk.asked.matter)
    # What learns from the course of things is another network than what sees, and takes nobody's place.
    of = [] if matter is Matter.PICTURES else [matter.value]
    name = desk.asked.name or " ".join([*(concept.en for concept in concepts), *of])
    backbone = (desk.asked.backbone or _best_backbone(desk)) if matter is Matter.PICTURES else ""

    def draw(phase: Phase) -> None:
        desk.progress.show(desk.say(f"training.phase.{phase.name}"), phase.step, phase.steps)

    made = wait(training.train(name, concepts, backbone, draw, matter))
    notes = [desk.sentence(note) for note in made.notes]
    document = {"model": made.model_id, "report": asdict(made.report), "notes": notes}
    return Said(document, [*_lines(desk, made.model_id, made.report), *notes])


def _advise(desk: Desk, concepts: list[Concept]) -> Said:
    """Which way to learn each of the tags. A computer that can train is measured first, if it never was."""
    training = desk.assistant.training
    if not training.ability().missing and training.speed() is None:
        wait(training.measure_speed())
    document: Plain = {}
    lines: list[str] = []
    for concept in concepts:
        found = ask_which_way(desk, concept.id)
        document[concept.en] = which_way_document(desk, found)
        lines += [printable(concept.name(desk.language)), *which_way_lines(desk, found)]
    return Said(document, lines)


def _install(desk: Desk) -> Said:
    """The training pack: from a folder or an archive, or downloaded."""
    source = Path(os.path.expanduser(desk.asked.install)).absolute() if desk.asked.install else None
    if source is not None and not os.path.exists(source):
        raise UserFixable("training.pack_not_one", source=desk.asked.install)

    def draw(phase: Phase) -> None:
        # Bytes are counted in millions.
        unit = 1_000_000 if phase.name in BYTES else 1
        said = desk.say(f"training.phase.{phase.name}")
        desk.progress.show(said, phase.step // unit, -(-phase.steps // unit), phase.left_s)

    ability = wait(desk.assistant.training.install(source, desk.assistant.settings.training_mirror, draw))
    code = "cli.training.installed" if not ability.missing else "cli.training.weights_taken"
    return Said({"installed": not ability.missing, "missing": list(ability.missing)}, [desk.say(code)])


def _best_backbone(desk: Desk) -> str:
    """The quickest whose weights are here; what is not installed is said before what is not fetched."""
    ability = desk.assistant.training.ability()
    if lack := ability.lack:
        raise lack
    for backbone, weights in ability.backbones:
        if weights is not None:
            return backbone.name
    raise UserFixable("training.no_weights", backbone=ability.backbones[0][0].name)


def _tell_ability(desk: Desk) -> Said:
    ability, begun = desk.assistant.training.ability(), desk.assistant.training.unfinished()
    document: Plain = {
        "can_train": not ability.missing and any(weights for _, weights in ability.backbones),
        "missing": list(ability.missing),
        "pack": {
            "installed": ability.pack.site is not None,
            "offered": ability.pack.offer is not None,
            "size_bytes": ability.pack.offer.size_bytes if ability.pack.offer else 0,
        },
        "backbones": [
            {"name": one.name, "weights": str(weights) if weights else None, "url": one.url, "licence": one.licence}
            for one, weights in ability.backbones
        ],
        "unfinished": [one.name for one in begun],
    }
    lines = [desk.say(f"error.{lack.code}", **lack.parameters)] if (lack := ability.lack) else []
    for one, weights in ability.backbones:
        code = "cli.training.backbone_here" if weights else "cli.training.backbone_missing"
        lines.append(desk.say(code, name=one.name, file=one.file, url=one.url))
    lines += [desk.say("cli.training.unfinished", name=printable(one.name)) for one in begun]
    return Said(document, lines)


def _lines(desk: Desk, model_id: str, report: TrainingReport) -> list[str]:
    lines = [
        desk.say(
            "training.made", model=model_id, right=_percent(report.accuracy), guess=_percent(report.guess_accuracy)
        ),
        desk.say(f"training.way.{report.way}", right=_percent(report.head_accuracy)),
    ]
    for way in report.ways:
        name = desk.say(f"ui.training.head.{way.way}")
        lines.append(desk.say("cli.training.compared", name=name, right=_percent(way.accuracy), rounds=way.epochs))
    for score in report.scores():
        concept = desk.assistant.library.concept(score.label) if score.label != OTHER else None
        name = concept.name(desk.language) if concept else desk.say("training.none_of_these")
        lines.append(
            desk.say("training.score", name=printable(name), right=score.right, there=score.there, said=score.said)
        )
    return lines


def _percent(share: float) -> int:
    return round(100 * share)
