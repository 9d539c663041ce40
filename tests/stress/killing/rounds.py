"""One round: a scenario, a victim and a moment drawn from a seed; then everything is looked at from outside."""

from __future__ import annotations

import os
import pickle
import random
import shutil
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.inference.hub import Hub
from tests.stress.killing.prepared import Prepared
from tests.stress.killing.scenarios import COMMAND, SCENARIOS, WINDOW, WORKER, Scenario
from tests.stress.killing.standing import Broken, originals, require
from tests.stress.killing.victims import Moment, Outcome, Role, run_victim

WEIGHTS = {
    "import": 14,
    "analysis": 6,
    "transcription": 2,
    "pause": 3,
    "edits": 18,
    "migration": 12,
    "backup": 10,
    "restore": 11,
    "export": 10,
    "rebuild": 10,
    "download": 6,
}
_OF_VICTIMS = {WINDOW: 2, WORKER: 4, COMMAND: 3}
_TRIES = 3
_TWICE = 0.2
"""How often what goes on after the kill is killed too."""
_START_S = 0.2
"""Nothing of the program runs before that."""


@dataclass(frozen=True)
class Whole:
    """An undisturbed run of a scenario by a victim: how long it takes, how many points it has, what stands at its end."""

    took_s: float
    points: dict[str, int]
    state: Any


@dataclass
class Result:
    """What became of a round; `fault` is empty when every promise was kept."""

    seed: int
    scenario: str
    victim: str
    moments: list[str] = field(default_factory=list)
    struck: int = 0
    """Kills that struck while the victim ran."""
    took_s: float = 0.0
    fault: str = ""
    folder: str = ""

    def __str__(self) -> str:
        what = f"seed {self.seed}: {self.scenario}, {self.victim} killed {'; then '.join(self.moments)}"
        if not self.fault:
            return f"{what} ({self.struck} struck, {self.took_s:.1f} s)"
        return f"{what}\n{self.fault}\n   kept in {self.folder}\n   again: python3 build/dev.py stress kill --round {self.seed}"


class Rounds:
    """Rounds on prepared libraries, in one process, one after the other. `hub` serves the model that is downloaded."""

    def __init__(self, prepared: Prepared, folder: Path, kept: Path, hub: Hub | None = None) -> None:
        self._prepared = prepared
        self._folder = folder
        self.hub = hub
        self._kept = kept
        self._whole: dict[tuple[str, str], Whole] = {}
        self._took: dict[tuple[str, str], float] = {}
        """Seconds that an undisturbed run takes at least."""
        self._originals = originals(prepared.originals)

    def get_ready(self, name: str, victim: str) -> None:
        """Measure an undisturbed run, if nobody has yet."""
        self._undisturbed(next(each for each in SCENARIOS if each.name == name), victim)

    def run(self, seed: int, only: str = "", victim: str = "") -> Result:
        """A round; `only` and `victim` choose instead of the seed."""
        draw = random.Random(seed)
        known = {each.name: each for each in SCENARIOS if each.library != "spoken" or self._prepared.has_speech}
        name = draw.choices(list(known), [WEIGHTS[each] for each in known])[0]
        scenario = known[only or name]
        chosen = draw.choices(scenario.victims, [_OF_VICTIMS[each] for each in scenario.victims])[0]
        result = Result(seed, scenario.name, victim if victim in scenario.victims else chosen)
        folder = self._folder / f"round {seed}"
        started = time.monotonic()
        try:
            for _ in range(_TRIES):
                if self._round(scenario, result, draw, folder):
                    break
        except Broken as fault:
            result.fault = f"   {fault}"
        except Exception:  # noqa: BLE001 - whatever goes wrong in a round is a finding, and the others go on
            result.fault = traceback.format_exc(limit=-6)
        result.took_s = time.monotonic() - started
        if result.fault:
            target = self._kept / f"round {seed}"
            shutil.rmtree(target, ignore_errors=True)
            if folder.exists():
                shutil.move(folder, target)
            result.folder = str(target)
        else:
            shutil.rmtree(folder, ignore_errors=True)
        return result

    def _round(self, kind: type[Scenario], result: Result, draw: random.Random, folder: Path) -> bool:
        """Whether the kill struck: the victim may have been sooner. Raises Broken."""
        whole = self._undisturbed(kind, result.victim)
        scenario = self._begin(kind, draw, folder)
        role: Role = "worker" if result.victim == WORKER else "main"
        command = scenario.command(is_window=self._is_window(result.victim, draw))
        twice = kind.can_be_repeated and draw.random() < _TWICE
        for _ in range(2 if twice else 1):
            moment = draw_moment(draw, self._took[kind.name, result.victim], whole.points, role)
            result.moments.append(str(moment))
            outcome = self._strike(scenario, command, moment, role)
            result.struck += outcome.was_struck
            is_over = outcome.status in kind.statuses
            require(
                is_over or outcome.status == -9, f"status {kind.statuses} or killed", (outcome.status, outcome.said)
            )
            scenario.examine(outcome)
            if is_over:
                self._took[kind.name, result.victim] = min(self._took[kind.name, result.victim], outcome.took_s)
                break
        scenario.finish()
        require_same(whole.state, scenario.state())
        require(originals(self._prepared.originals) == self._originals, "the originals as they were")
        return result.struck > 0

    def _begin(self, kind: type[Scenario], draw: random.Random, folder: Path) -> Scenario:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        scenario = kind(self._prepared.place(kind.library, folder), draw, self.hub)
        scenario.prepare()
        return scenario

    def _strike(self, scenario: Scenario, command: list[str], moment: Moment, role: Role) -> Outcome:
        return run_victim(command, scenario.place, moment, role, is_watched=scenario.is_watched)

    def _is_window(self, victim: str, draw: random.Random) -> bool:
        """Workers belong to both."""
        return victim == WINDOW or (victim == WORKER and draw.random() < 0.3)

    def measure(self, kind: type[Scenario], victim: str) -> Whole:
        """An undisturbed run. Raises Broken where it does not even work."""
        folder = self._folder / f"whole {kind.name} {victim}"
        scenario = self._begin(kind, random.Random(0), folder)
        role: Role = "worker" if victim == WORKER else "main"
        outcome = self._strike(scenario, scenario.command(is_window=victim == WINDOW), Moment(), role)
        require(outcome.status == 0, "an undisturbed run", (outcome.status, outcome.said))
        scenario.examine(outcome)
        scenario.finish()
        whole = Whole(outcome.took_s, outcome.points, scenario.state())
        shutil.rmtree(folder)
        return whole

    def _undisturbed(self, kind: type[Scenario], victim: str) -> Whole:
        """Measured once for each scenario and victim, and shared by all processes."""
        key = kind.name, victim
        if key not in self._whole:
            file = self._prepared.folder / f"{kind.name} {victim}.whole"
            if not file.exists():
                draft = file.with_name(f"{file.name}.{os.getpid()}")
                draft.write_bytes(pickle.dumps(self.measure(kind, victim)))
                os.replace(draft, file)
            self._whole[key] = pickle.loads(file.read_bytes())
            self._took[key] = self._whole[key].took_s
        return self._whole[key]


def draw_moment(draw: random.Random, took_s: float, points: dict[str, int], role: Role) -> Moment:
    """By time and by point alike, so that rare moments are struck as often as long ones."""
    kinds = ("message",) if role == "worker" else ("commit", "statement", "file")
    reached = [kind for kind in kinds if points.get(kind)]
    together = draw.random() < 0.5
    if not reached or draw.random() < 0.35:
        share = draw.random()
        at_s = share * took_s * 0.6 if role == "worker" else _START_S + share * max(0.0, took_s * 0.9 - _START_S)
        return Moment("time", at_s, together=together)
    kind = draw.choice(reached)
    tells = role == "main" and draw.random() < 0.5
    return Moment(
        kind,  # type: ignore[arg-type]
        draw.randint(1, points[kind]),
        tells=tells,
        delay_s=draw.choice((0.0, draw.random() * 0.003, draw.random() * 0.05)) if tells else 0.0,
        together=together,
    )


def require_same(wanted: Any, found: Any) -> None:
    """Raises Broken, with what is different alone."""
    if isinstance(wanted, tuple) and isinstance(found, tuple):
        for one, other in zip(wanted, found, strict=True):
            require_same(one, other)
        return
    if isinstance(wanted, dict) and isinstance(found, dict):
        for name in wanted:
            require(
                found.get(name) == wanted[name],
                f"in the end {name} {_without(wanted[name], found.get(name))}",
                _without(found.get(name), wanted[name]),
            )
    else:
        require(found == wanted, f"in the end {wanted}", found)


def _without(rows: Any, others: Any) -> Any:
    if isinstance(rows, list) and isinstance(others, list):
        return [row for row in rows if row not in others]
    return rows
