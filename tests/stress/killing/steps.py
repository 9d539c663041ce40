"""What a person does, step by step, as plain values: drawn by a seed, done by a victim or by whoever checks it."""

from __future__ import annotations

import random
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from media_assistant.assistant import Assistant
from media_assistant.items.replacing import Wanted
from media_assistant.items.span import TimeSpan
from media_assistant.items.tag import TagState

Step = list[Any]
"""The verb and what it needs, all of it JSON."""

_TAGS = ("harbour", "码头", "blue", "to print", "Ada & Søren")
_WORDS = (("harbour", "port"), ("Nobody", "Somebody"), ("port", "harbour"), ("seven", "eight"))


def draw_edits(draw: random.Random, item_ids: list[int], count: int = 14) -> list[Step]:
    """Edits of every kind; now and then one is taken back or done again."""
    steps: list[Step] = []
    for _ in range(count):
        some = draw.sample(item_ids, draw.randint(1, len(item_ids)))
        tag, other = draw.sample(_TAGS, 2)
        steps.append(
            draw.choice(
                (
                    ["tag", some, tag],
                    ["tag", some, tag],
                    ["untag", some, tag],
                    ["decide", some, tag, draw.choice(("accepted", "rejected", ""))],
                    ["mark", some[0], 500 * draw.randint(0, 9), draw.choice(("", "look here", "转折"))],
                    ["collect", f"Collection {draw.randint(1, 9)}", some],
                    ["gather", draw.randint(1, 3), some],
                    ["move", draw.randint(1, 3), some[:1]],
                    ["replace", *draw.choice(_WORDS)],
                    ["names", draw.sample(("Ødegård", "Ferry", "灯塔", "Ada"), draw.randint(0, 3))],
                    ["rename", f"own:{tag}", f"{tag} {draw.randint(1, 9)}"],
                    ["merge", f"own:{tag}", f"own:{other}"],
                    ["colour", f"own:{tag}", draw.choice(("teal", "red", ""))],
                    ["remove", some[:1]],
                    ["undo"],
                    ["undo"],
                    ["redo"],
                )
            )
        )
    return steps


def perform(assistant: Assistant, step: Step) -> Future[Any]:  # noqa: C901 - a table
    """The future of a step. A refused one raises UserFixable there, and changes nothing."""
    match step:
        case ["tag", ids, name]:
            return assistant.add_tag(ids, name)
        case ["untag", ids, name]:
            return assistant.remove_tag(ids, name)
        case ["decide", ids, name, state]:
            return assistant.decide_tag(ids, name, TagState(state) if state else None)
        case ["mark", item_id, at_ms, note]:
            return assistant.playing.mark(item_id, TimeSpan(at_ms, at_ms), note)
        case ["collect", name, ids]:
            return assistant.collections.create(name, ids)
        case ["gather", collection, ids]:
            return assistant.collections.add(collection, ids)
        case ["move", collection, ids]:
            return assistant.collections.move(collection, ids, None)
        case ["replace", old, new]:
            return assistant.transcripts.replace(Wanted(old), new)
        case ["names", names]:
            return assistant.transcripts.set_names(names)
        case ["rename", concept, name]:
            return assistant.tags.rename(concept, name, "en")
        case ["merge", source, target]:
            return assistant.tags.merge(source, target)
        case ["colour", concept, colour]:
            return assistant.tags.set_colour(concept, colour)
        case ["remove", ids]:
            return assistant.remove_items(ids)
        case ["undo"]:
            return assistant.undo()
        case ["redo"]:
            return assistant.redo()
        case ["pause"]:
            return assistant.pause()
        case ["resume"]:
            return assistant.resume()
        case ["first", ids]:
            return assistant.understand_first(ids)
        case ["hold", item_id, stage, is_held]:
            return assistant.hold(item_id, stage, is_held=is_held)
        case ["backup"]:
            return assistant.backups.make()
        case ["export", folder]:
            return assistant.exports.export(Path(folder))
        case ["download", model]:
            return assistant.download_model(model)
        case ["idle"]:
            return assistant.when_idle()
    raise ValueError(f"no such step: {step}")
