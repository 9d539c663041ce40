"""Mixes and paths for window and command line: read what is known of the items, ask `learning.mixing`, and say why."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from media_assistant.errors import UserFixable
from media_assistant.items.item import Item
from media_assistant.items.mix import LONGEST_PATH, Mix, MixStep, MixWish
from media_assistant.items.sentence import NOTHING, Sentence
from media_assistant.workflows.likeness.portraits import KEY, TEMPO

if TYPE_CHECKING:
    from media_assistant.learning.mixing import Rules, Tracks
    from media_assistant.library.library import Library
    from media_assistant.workflows.likeness.fused_vectors import FusedVectors

_LOOKED_AT = 1500
"""Items of the kinds of the seeds, those most like them, whose facts are read."""
MOST_SEEDS = 64
_WITHIN = 0.05
"""By this share a mix may be shorter or longer than wished; by a minute in any case."""
_MUCH, _LIKE = 0.6, 0.3
"""Cosines from which on two items are called much alike, and alike."""


class Mixes:
    """Held by the assistant. `ask` runs on a thread of the engine. What all items are is kept while it stays so."""

    def __init__(self, library: Library, ask: Callable[..., Future[Any]]) -> None:
        self._library = library
        self._ask = ask
        self._lock = threading.Lock()
        self._fused: FusedVectors | None = None

    def mix(
        self,
        seeds: Sequence[int],
        wish: MixWish,
        locked: Mapping[int, int] | None = None,
        without: Collection[int] = (),
    ) -> Future[Mix]:
        """A mix from items; of very many some are drawn. `locked` are items by their step, which stay; `without` come in
        nowhere.

        Raises UserFixable: `mix.no_seed`, or `mix.none_known` of several, where nothing is known of any seed.
        """
        return self._ask(self.make_mix, seeds, wish, locked, without)

    def path(
        self,
        start: int,
        end: int,
        steps: int = 8,
        locked: Mapping[int, int] | None = None,
        without: Collection[int] = (),
    ) -> Future[Mix]:
        """From one item to another by steps that are near each other; `steps` counts both. `locked` are items by their
        step, which stay, `without` come in nowhere.

        Raises UserFixable: `mix.no_seed` where nothing is known of one of them, `mix.same` where they are one.
        """
        return self._ask(self.make_path, start, end, steps, locked, without)

    def path_with_another(self, steps: Sequence[int], at: int, without: Collection[int] = ()) -> Future[Mix]:
        """A path of these items, but for the one `at` a place between its ends, for which another one comes that is near
        both its neighbours.

        Raises UserFixable: `mix.no_seed`, `mix.no_other` where there is none.
        """
        return self._ask(self.make_path_with_another, steps, at, without)

    def told_again(self, steps: Sequence[int]) -> Future[Mix]:
        """These items in this order: what each has to do with the one before it now.

        Raises UserFixable: `mix.no_seed` where one of them is not known any more.
        """
        return self._ask(self.tell_again, steps)

    def fused(self) -> FusedVectors:
        """All items by all that is known of them, as the library is now; on the caller's thread, which must not be the window's."""
        from media_assistant.workflows.likeness.fused_vectors import read_fused

        with self._lock:
            if self._fused is None or self._fused.state != self._library.changed_at():
                self._fused = read_fused(self._library)
            return self._fused

    def make_mix(
        self,
        seeds: Sequence[int],
        wish: MixWish,
        locked: Mapping[int, int] | None = None,
        without: Collection[int] = (),
    ) -> Mix:
        """As `mix`, on the caller's thread."""
        from media_assistant.learning.mixing import Rules, compose

        wish = wish.checked()
        locked = dict(locked or {})
        begun, notes = self.draw(seeds)
        kept = [*begun, *locked.values()]
        items, tracks = self._read(kept, keeps=kept)
        row_of = {item.id: at for at, item in enumerate(items)}
        fixed = {step: row_of[item_id] for step, item_id in locked.items() if item_id in row_of}
        starts = [row_of[item_id] for item_id in begun if item_id in row_of]
        has_length = bool((tracks.seconds > 0).any())
        seconds = wish.minutes * 60 if has_length else 0.0
        rules = Rules(seconds, max(60.0, _WITHIN * seconds), wish.steps, wish.tempo, wish.course, wish.key)
        if seconds:
            tracks.seconds[tracks.seconds <= 0] = 1e9  # of unknown length: not into a mix of a given length
        # What is like a seed whose file is away may come in; the seed itself cannot be played.
        held = {item.id for item in items if item.is_missing and item.id not in locked.values()}
        barred = [row_of[item_id] for item_id in held.union(without) if item_id in row_of]
        is_alone = len(seeds) == 1 and 0 not in fixed and not set(starts).intersection(barred)
        if is_alone and _keeps(tracks, rules, starts):
            fixed[0] = starts[0]
        made = compose(tracks, starts, rules, fixed, barred)
        steps = _say_steps(items, tracks, made.rows)
        mix = Mix(steps, notes=notes)
        if not made.bound:
            return mix
        if seconds:
            got = {"got": round(mix.total_ms / 60_000), "wanted": round(wish.minutes)}
            return Mix(steps, Sentence(f"mix.bound_minutes.{made.bound}", got), notes)
        counts = {"got": len(steps), "wanted": wish.steps}
        return Mix(steps, Sentence(f"mix.bound_steps.{made.bound}", counts), notes)

    def make_path(
        self,
        start: int,
        end: int,
        steps: int = 8,
        locked: Mapping[int, int] | None = None,
        without: Collection[int] = (),
    ) -> Mix:
        """As `path`, on the caller's thread."""
        from media_assistant.learning.mixing import walk

        if start == end:
            raise UserFixable("mix.same")
        locked = {step: item_id for step, item_id in (locked or {}).items() if item_id not in (start, end)}
        notes = (Sentence("mix.path_longest", {"most": LONGEST_PATH}),) if steps > LONGEST_PATH else ()
        steps = min(LONGEST_PATH, max(2, steps, max(locked, default=0) + 2))
        kept = [start, end, *locked.values()]
        items, tracks = self._read(kept, keeps=kept, without=set(without).difference(kept))
        row_of = {item.id: at for at, item in enumerate(items)}
        if start not in row_of or end not in row_of:
            raise UserFixable("mix.no_seed")
        fixed = {step: row_of[item_id] for step, item_id in locked.items() if item_id in row_of}
        rows = walk(tracks, row_of[start], row_of[end], steps, fixed)
        says = NOTHING if len(rows) == steps else Sentence("mix.path_short", {"got": len(rows), "wanted": steps})
        return Mix(_say_steps(items, tracks, rows), says, notes)

    def make_path_with_another(self, steps: Sequence[int], at: int, without: Collection[int] = ()) -> Mix:
        """As `path_with_another`, on the caller's thread."""
        from media_assistant.learning.mixing import between

        barred = {steps[at], *without}.difference(steps[:at], steps[at + 1 :])
        items, tracks = self._read(steps, keeps=steps, without=barred)
        row_of = {item.id: row for row, item in enumerate(items)}
        if not row_of.keys() >= set(steps).difference(barred):
            raise UserFixable("mix.no_seed")
        rows = [row_of.get(item_id, -1) for item_id in steps]
        rows[at] = between(tracks, rows[at - 1], rows[at + 1], [row for row in rows if row >= 0])
        if rows[at] < 0:
            raise UserFixable("mix.no_other")
        return Mix(_say_steps(items, tracks, rows))

    def tell_again(self, steps: Sequence[int]) -> Mix:
        """As `told_again`, on the caller's thread."""
        items, tracks = self._read(steps, keeps=steps)
        row_of = {item.id: row for row, item in enumerate(items)}
        if not row_of.keys() >= set(steps):
            raise UserFixable("mix.no_seed")
        return Mix(_say_steps(items, tracks, [row_of[item_id] for item_id in steps]))

    def draw(self, seeds: Sequence[int]) -> tuple[list[int], tuple[Sentence, ...]]:
        """The seeds that count, of many some that are drawn evenly and stay nearly the same when others come; and what is
        to be said of those that do not.
        """
        from media_assistant.learning.group_names import drawn

        given = list(dict.fromkeys(seeds))
        there = set(self.fused().ids.tolist()).intersection(given)
        if not there:
            raise UserFixable("mix.no_seed" if len(given) < 2 else "mix.none_known")
        known = [item_id for item_id in given if item_id in there]
        used = known if len(known) <= MOST_SEEDS else drawn(known, MOST_SEEDS)
        notes = []
        if len(used) < len(known):
            notes.append(Sentence("mix.drawn", {"used": len(used), "count": len(known)}))
        if len(known) < len(given):
            notes.append(Sentence("mix.unknown", {"count": len(given) - len(known), "all": len(given)}))
        return used, tuple(notes)

    def _read(
        self, seeds: Sequence[int], keeps: Collection[int] = (), without: Collection[int] = ()
    ) -> tuple[list[Item], Tracks]:
        """The items that may come in, and their arrays. Those whose file is away do not, unless they are in `keeps`."""
        import numpy as np

        from media_assistant.learning.harmony import place_of
        from media_assistant.learning.mixing import Tracks

        fused = self.fused()
        wanted = np.array(sorted(set(seeds)), np.int64)
        at = np.flatnonzero(np.isin(fused.ids, wanted))
        if not len(at):
            raise UserFixable("mix.no_seed")
        kinds = {item.kind for item in self._library.items(fused.ids[at].tolist())}
        likeness = (fused.units @ fused.units[at].T).max(axis=1)
        likeness[at] = 2.0
        outline = self._library.outline(0)
        of_kind = {item_id for item_id, kind in zip(outline.ids, outline.kinds, strict=True) if kind in kinds}
        rows = [row for row in np.argsort(-likeness, kind="stable").tolist() if int(fused.ids[row]) in of_kind]
        rows = rows[:_LOOKED_AT]
        known = {item.id: item for item in self._library.items([int(fused.ids[row]) for row in rows])}
        kept = [
            (row, known[item_id])
            for row in rows
            if (item_id := int(fused.ids[row])) in known
            and item_id not in without
            and (not known[item_id].is_missing or item_id in keeps)
        ]
        items = [item for _, item in kept]
        traits = self._library.finding.likeness.traits([item.id for item in items], (TEMPO, KEY))
        tempos = [traits.get(item.id, {}).get(TEMPO) for item in items]
        artists: dict[str, int] = {}
        numbers = [
            artists.setdefault(name, len(artists)) if (name := item.facts.tags.artist.casefold().strip()) else -1
            for item in items
        ]
        tracks = Tracks(
            fused.units[[row for row, _ in kept]],
            np.array([item.facts.duration_ms / 1000 for item in items], np.float32),
            np.array([float(bpm) if isinstance(bpm, int | float) else np.nan for bpm in tempos], np.float32),
            np.array([place_of(str(traits.get(item.id, {}).get(KEY) or "")) for item in items], np.int64),
            np.array(numbers, np.int64),
        )
        return items, tracks


def _keeps(tracks: Tracks, rules: Rules, rows: list[int]) -> bool:
    """Whether a single seed may open its mix."""
    if not rows:
        return False
    tempo = float(tracks.tempos[rows[0]])
    in_tempo = rules.tempo is None or rules.tempo[0] <= tempo <= rules.tempo[1]
    known = (not rules.course or tempo > 0) and (not rules.key or int(tracks.keys[rows[0]]) >= 0)
    fits = not rules.seconds or float(tracks.seconds[rows[0]]) <= rules.seconds + rules.within_s
    return in_tempo and known and fits


def _say_steps(items: Sequence[Item], tracks: Tracks, rows: Sequence[int]) -> tuple[MixStep, ...]:
    from media_assistant.learning.harmony import camelot, relation

    steps = []
    for place, row in enumerate(rows):
        tempo, key = float(tracks.tempos[row]), int(tracks.keys[row])
        why: list[Sentence] = []
        if place:
            before = rows[place - 1]
            alike = float(tracks.units[row] @ tracks.units[before])
            how = "much" if alike >= _MUCH else "like" if alike >= _LIKE else "little"
            why.append(Sentence(f"mix.why.{how}"))
            if tempo > 0 and tracks.tempos[before] > 0:
                bpm = {"bpm": round(tempo), "before": round(float(tracks.tempos[before]))}
                why.append(Sentence("mix.why.tempo", bpm))
            if how_keys := relation(int(tracks.keys[before]), key):
                why.append(Sentence(f"mix.why.key_{how_keys}"))
        else:
            why.append(Sentence("mix.why.start"))
        steps.append(MixStep(items[row], tempo if tempo > 0 else 0.0, _key_name(key), camelot(key), tuple(why)))
    return tuple(steps)


def _key_name(place: int) -> str:
    if place < 0:
        return ""
    major = ("C", "G", "D", "A", "E", "B", "F#", "Db", "Ab", "Eb", "Bb", "F")
    minor = ("A", "E", "B", "F#", "C#", "G#", "Eb", "Bb", "F", "C", "G", "D")
    return f"{minor[place // 2]} minor" if place % 2 else f"{major[place // 2]} major"
