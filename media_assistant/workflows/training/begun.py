"""Trainings that were begun and not ended, and which folder the name of a network means."""

from __future__ import annotations

import itertools
import json
import logging
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media_assistant.errors import UserFixable
from media_assistant.inference.card import load_card
from media_assistant.items.concept import Concept
from media_assistant.items.training import OTHER, Matter
from media_assistant.library.library import Library

log = logging.getLogger(__name__)

FOLDER = ".training"
"""Of the user's model folder: what is under way."""
PLAN = "plan.json"
_STATE = "state.pt"
"""What was learned by the last epoch, beside the plan."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A training that was not ended."""

    name: str
    concepts: tuple[Concept, ...]
    backbone: str = ""
    """Empty where courses are learned from: their heads begin with nothing."""
    matter: Matter = Matter.PICTURES


def model_id_of(name: str) -> str:
    """The id of a person's network: `own-` and what of its name may stand in the name of a folder."""
    words = re.sub(r"[^\w.+-]+", "-", name.strip()).strip("-.")[:80]
    if not words:
        raise UserFixable("training.no_name")
    return f"own-{words}"


def id_for(name: str, library: Library, user_models: Path) -> str:
    """As `model_id_of`, with a number where another network has that: one whose name differs in signs alone, or one that
    is under way for another library.
    """
    plain = model_id_of(name)
    wanted = itertools.chain([plain], (f"{plain}-{number}" for number in itertools.count(2)))
    return next(each for each in wanted if not _is_others(each, name, library, user_models))


def find_begun(library: Library, user_models: Path) -> list[tuple[Path, Begun]]:
    """(its folder, what was begun) of each training for this library."""
    found = []
    for file in sorted((user_models / FOLDER).glob(f"*/{PLAN}")):
        try:
            plan = _read(file)
            if not is_of(library, plan):
                continue
            matter = Matter(plan.get("matter", Matter.PICTURES))
            backbone = str(plan["backbone"]) if matter is Matter.PICTURES else ""
            begun = Begun(str(plan["name"]), _concepts_of(plan, library), backbone, matter)
            found.append((file.parent, begun))
        except (OSError, ValueError, KeyError, TypeError):
            log.warning("the plan of a training cannot be read: %s", file)
    return found


def plan_to_go_on_with(
    folder: Path, concepts: Sequence[Concept], backbone: str, matter: Matter, library: Library
) -> tuple[dict[str, Any], tuple[Concept, ...]] | None:
    """(the plan in `folder`, these concepts in its order) where something was learned by it already: gathered again from a
    library in use it would be another plan, and hours of work of no use. None where there is nothing to lose.

    Raises UserFixable("training.begun_otherwise") where that is of other tags, or began with something else.
    """
    if not (folder / _STATE).is_file():
        return None
    try:
        plan = _read(folder / PLAN)
        begun = _concepts_of(plan, library)
        known, asked = {one.id for one in begun}, {one.id for one in concepts}
        is_same_matter = Matter(plan.get("matter", Matter.PICTURES)) is matter
        is_same_start = matter is not Matter.PICTURES or plan["backbone"] == backbone
        # A tag that this library has no more cannot be asked for.
        is_same_tags = known == asked and len(begun) == len(plan["labels"]) - 1
        name = str(plan["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return None  # a plan that cannot be read can be gone on with by nobody
    if not (is_same_matter and is_same_start and is_same_tags):
        raise UserFixable("training.begun_otherwise", name=name)
    return plan, begun


def place_of(library: Library) -> str:
    """Of a plan and of a report: the library whose items are learned from."""
    return os.path.abspath(library.file)


def _read(file: Path) -> dict[str, Any]:
    plan = json.loads(file.read_text("utf-8"))
    if not isinstance(plan, dict):
        raise TypeError
    return plan


def is_of(library: Library, told: dict[str, Any]) -> bool:
    """Whether a plan or a report is of this library; one that does not say so may be of any."""
    return bool(told.get("library", place_of(library)) == place_of(library))


def _concepts_of(plan: dict[str, Any], library: Library) -> tuple[Concept, ...]:
    known = (library.concept(label) for label in plan["labels"] if label != OTHER)
    return tuple(one for one in known if one)


def _is_others(model_id: str, name: str, library: Library, user_models: Path) -> bool:
    try:
        plan = _read(user_models / FOLDER / model_id / PLAN)
        return str(plan["name"]).strip() != name.strip() or not is_of(library, plan)
    except (OSError, ValueError, KeyError, TypeError):
        pass  # none is under way there
    try:
        return str(load_card(user_models / model_id).extra.get("name", name)).strip() != name.strip()
    except UserFixable:
        return False
