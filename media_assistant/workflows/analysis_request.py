"""One request to a worker to analyse a file: what is asked, how long it may take, and what its answers become.

Findings of an analyser are gathered until its next checkpoint or its end and then stored in one transaction with it,
so that whatever is killed, nothing is stored twice and at most the last chunk is done again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from media_assistant.analysis.analyser import Stage
from media_assistant.items.findings import Checkpoint, Finding, Plain, from_plain, to_plain
from media_assistant.items.item import Facts, facts_from_plain
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Moment
from media_assistant.items.sentence import NOTHING, Sentence, sentence_from_plain
from media_assistant.jobs.messages import MAX_HEADER
from media_assistant.jobs.worker_process import Limits, Message
from media_assistant.settings import Settings

log = logging.getLogger(__name__)

_MB = 1_000_000
_LONGEST_S = 48 * 3600.0
_STUCK_S = 1800.0
"""A slow computer takes minutes to hear one stretch of speech with a large network."""
_LEAST_BYTES_S = 50
"""Of the most sparing sound or picture; a file that says that it lasts longer lies."""
# Seconds of work that a second of media may cost at the very most, by stage; what takes longer hangs.
_SLOWEST = {Stage.PREVIEW: 0.05, Stage.UNDERSTAND: 30.0, Stage.TRANSCRIBE: 30.0}


@dataclass(frozen=True, slots=True)
class Request:
    """What a worker is asked to do with one file."""

    path: Path
    kind: Kind
    stage: Stage
    analysers: tuple[str, ...]
    models: Mapping[str, Any]
    start_ms: int = 0
    known: tuple[Moment, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    end_ms: int = 0
    """Where to stop; 0 for the end of the file."""
    only_vectors: bool = False
    """Nothing else is wanted of the analysers: the rest of what they found stands."""
    courses: tuple[bytes, ...] = ()
    """For analysers that want them: the item's vectors in their order."""

    def messages(self) -> list[Message]:
        """As they are sent, none of them too large."""
        parts: list[list[Plain]] = [[]]
        size = 0
        for moment in self.known:
            plain, _ = to_plain(moment)
            length = 4 * len(json.dumps(plain, ensure_ascii=False))
            if length > MAX_HEADER // 2:
                continue
            if size + length > MAX_HEADER // 2:
                parts.append([])
                size = 0
            parts[-1].append(plain)
            size += length
        request = {
            "do": "analyse",
            "path": str(self.path),
            "kind": self.kind.value,
            "analysers": list(self.analysers),
            "models": dict(self.models),
            "start_ms": self.start_ms,
            "end_ms": self.end_ms,
            "options": dict(self.options),
            "wants_facts": self.stage is Stage.PREVIEW,
            "only_vectors": self.only_vectors,
        }
        pieces: list[Message] = [({"do": "piece"}, course) for course in self.courses]
        known: list[Message] = [({"do": "known", "moments": part}, b"") for part in parts if part]
        return [*pieces, *known, (request, b"")]


def analysis_options(settings: Settings, names: Iterable[str] = (), written: Collection[str] = ()) -> dict[str, str]:
    """What the analysers are told of the person's wishes: `names` are the library's, the most important first, of which so
    many are told as a message holds beside the rest.

    `written` are the hashes of subtitle files that we wrote of what was heard: they tell nothing new.
    """
    told = {
        "languages": ",".join(settings.spoken_languages),
        "hotwords": ",".join(_as_fit(names)),
    }
    if written:
        told["written"] = json.dumps(sorted(written))
    return told


def _as_fit(names: Iterable[str]) -> Iterator[str]:
    """No recogniser listens for more than a few dozen."""
    room = MAX_HEADER // 4
    for name in names:
        room -= len(json.dumps(name, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        if room < 0:
            return
        yield name


def limits_for(stage: Stage, facts: Facts, size_bytes: int, memory_limit_mb: int) -> Limits:
    """Generous for a slow computer, and still an end for what hangs, or says that it lasts for years."""
    length_s = min(facts.duration_ms / 1000, size_bytes / _LEAST_BYTES_S) or size_bytes / _MB
    length_s = min(length_s, _LONGEST_S)
    return Limits(memory_limit_mb, time_s=600.0 + _SLOWEST[stage] * length_s, stuck_s=_STUCK_S)


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is stored in one transaction."""

    analyser: str
    findings: tuple[Finding, ...]
    position_ms: int | None
    """Where an interrupted analysis goes on; None at the end, and for what cannot go on."""
    model: str = ""
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """An analyser has said all that it has to say."""

    analyser: str
    took_s: float
    model: str
    revision: str
    remark: Sentence = NOTHING
    """What was odd in the file but survived."""
    thought_s: Mapping[str, float] = field(default_factory=dict)
    """Time that each network spent on this request so far, by its model's id."""


@dataclass(frozen=True, slots=True)
class GaveUp:
    """An analyser cannot do this file."""

    analyser: str
    error: Sentence


@dataclass(frozen=True, slots=True)
class Probed:
    """What the file says of itself; `kind` is right where the first bytes were not enough to tell."""

    facts: Facts
    kind: Kind


@dataclass(frozen=True, slots=True)
class Ended:
    """The request is over. `error` or `report` when it could not even begin."""

    was_stopped: bool
    error: Sentence
    report: str


def understand_answers(
    answers: Iterable[Message], resumed: Iterable[str] = ()
) -> Iterator[Chunk | Finished | GaveUp | Probed | Ended]:
    """Gather a worker's answers into what is to be stored; `resumed` are the analysers that went on from a checkpoint.
    Raises what `answers` raises.
    """
    gathered: dict[str, list[Finding]] = {}
    has_checkpoint = set(resumed)
    models: dict[str, tuple[str, str]] = {}
    for header, data in answers:
        name = str(header.get("of", ""))
        match header["is"]:
            case "facts":
                yield Probed(facts_from_plain(json.loads(data)), Kind(header["kind"]))
            case "begin":
                models[name] = (header["model"][0], header["model"][1])
            case "done":
                yield Chunk(name, tuple(gathered.pop(name, ())), None, header["model"], header["revision"])
                problems = header.get("problems") or ()
                remark = Sentence(f"error.{problems[0]}") if problems else NOTHING
                took = header["took_s"], header["model"], header["revision"]
                yield Finished(name, *took, remark, header.get("thought_s", {}))
            case "failed":
                # What was found before is worth keeping, unless a new attempt would go on from a checkpoint and find
                # it a second time.
                if (rest := gathered.pop(name, [])) and name not in has_checkpoint:
                    yield Chunk(name, tuple(rest), None, *models.get(name, ("", "")))
                yield GaveUp(name, sentence_from_plain(header["error"]))
            case "end":
                error = sentence_from_plain(header["error"]) if header.get("error") else Sentence()
                yield Ended(bool(header.get("stopped")), error, str(header.get("report", "")))
            case _:
                finding = _finding(header, data)
                if isinstance(finding, Checkpoint):
                    has_checkpoint.add(name)
                    yield Chunk(name, tuple(gathered.pop(name, ())), finding.position_ms, *models.get(name, ("", "")))
                else:
                    gathered.setdefault(name, []).append(finding)


def _finding(header: Plain, data: bytes) -> Finding:
    if header["is"] == "long":
        return from_plain(json.loads(data.decode("utf-8", "surrogateescape")), b"")
    return from_plain(header, data)
