"""Fingerprints of one kind of item: what new ones are compared with, and those of two items that are compared."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from media_assistant.analysis import picture_index, short_sounds, sight_prints, sound_prints
from media_assistant.analysis.likely_pairs import Prints, Sights
from media_assistant.analysis.same_sound import KeptWords
from media_assistant.items.kind import Kind
from media_assistant.library.kept_prints import RECORD, KeptPrints
from media_assistant.library.library import Library

_FEWEST, _PART = 2000, 8
"""Items of a round: so many, or this part of what they are compared with, for that is passed over in each."""
_MOST_BYTES = 48 << 20
"""Fingerprints of a round, and as many again of those that they are compared with."""
_READ = 128


class Shelf:
    """What is kept of the items of a kind that were compared, `known` with the last fingerprint of each."""

    def __init__(
        self, library: Library, folder: Path | None, kind: Kind, known: dict[int, int], should_stop: Callable[[], bool]
    ) -> None:
        """What the files lack of it is made again."""
        self._library = library
        self._known = known
        form = f"{sight_prints.FORM} {picture_index.FORM}"
        self._sights = KeptPrints(folder, f"{kind.value}-sights", form, "<u8", picture_index.width())
        self._sounds = KeptPrints(folder, f"{kind.value}-sounds", sound_prints.FORM, "<u4")
        both = (self._sights, self._sounds)
        # What one of them knows of an item says nothing of the other: they begin anew together.
        if not all(kept.is_there and not kept.is_worn(known) for kept in both):
            for kept in both:
                kept.clear()
        here = {item_id for kept in both for item_id in kept.alive(known).tolist()}
        for lacking in self.rounds([item_id for item_id in known if item_id not in here]):
            if should_stop():
                break
            self._add(lacking, Sights.of(lacking))

    def sights(self) -> Sights:
        """The pictures."""
        kept = self._sights
        return Sights(kept.rows, kept.alive(self._known), kept.records["at_ms"])

    def sounds(self) -> KeptWords:
        """The sounds."""
        kept = self._sounds
        return KeptWords(kept.rows, kept.records["start"], kept.records["end"], kept.alive(self._known))

    def rounds(self, item_ids: Sequence[int]) -> Iterator[list[Prints]]:
        """The fingerprints of these, as many items at once as is good."""
        asked: list[Prints] = []
        size = 0
        for start in range(0, len(item_ids), _READ):
            found = read_prints(self._library, item_ids[start : start + _READ])
            asked += found
            size += sum(map(_size, found))
            if size >= _MOST_BYTES or len(asked) >= max(_FEWEST, len(self._known) // _PART):
                yield asked
                asked, size = [], 0
        if asked:
            yield asked

    def keep(self, asked: Sequence[Prints], seen: Sights, compared: dict[int, int]) -> None:
        """These, whose pictures are `seen`, were compared."""
        self._known.update(compared)
        self._add(asked, seen)

    def _add(self, asked: Sequence[Prints], seen: Sights) -> None:
        records = np.zeros(len(seen.owners), RECORD)
        records["item"], records["at_ms"] = seen.owners, seen.times_ms
        records["start"] = np.arange(len(records))
        records["end"] = records["start"] + 1
        records["print"] = [self._known[item_id] for item_id in seen.owners.tolist()]
        self._sights.add(seen.rows, records)
        heard = [each for each in asked if len(each.words)]
        if heard:
            records = np.zeros(len(heard), RECORD)
            records["item"] = [each.item_id for each in heard]
            records["print"] = [self._known[each.item_id] for each in heard]
            records["end"] = np.cumsum([len(each.words) for each in heard])
            records["start"][1:] = records["end"][:-1]
            self._sounds.add(np.concatenate([each.words for each in heard]), records)


class Near:
    """The fingerprints of items that are compared: those that are asked for, and of others the last used ones."""

    def __init__(self, library: Library, asked: Sequence[Prints]) -> None:
        self._library = library
        self._asked = {each.item_id: each for each in asked}
        self._others: OrderedDict[int, Prints] = OrderedDict()
        self._size = 0

    def read(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Get those of these pairs, in one go."""
        wanted = dict.fromkeys(item_id for pair in pairs for item_id in pair if item_id not in self._asked)
        for item_id in wanted:
            if item_id in self._others:
                self._others.move_to_end(item_id)
        lacking = [item_id for item_id in wanted if item_id not in self._others]
        for each in read_prints(self._library, lacking) if lacking else ():
            self._others[each.item_id] = each
            self._size += _size(each)
        while self._size > _MOST_BYTES and len(self._others) > len(wanted):
            self._size -= _size(self._others.popitem(last=False)[1])

    def of(self, item_id: int) -> Prints | None:
        """What is known of one that was read."""
        return self._asked.get(item_id) or self._others.get(item_id)


def read_prints(library: Library, item_ids: Sequence[int]) -> list[Prints]:
    """The fingerprints of these items, in their order, also of those that have none."""
    found: dict[int, Prints] = {}
    for row in library.fingerprints((sight_prints.FORM, sound_prints.FORM, short_sounds.FORM), item_ids):
        prints = found.get(row.item_id)
        if prints is None:
            prints = found[row.item_id] = Prints(row.item_id, row.kind, row.duration_ms)
        if row.form == sight_prints.FORM:
            prints.sights += sight_prints.unpack(row.marks, row.start_ms)
        elif row.form == short_sounds.FORM:
            prints.changes = short_sounds.unpack(row.marks)
        else:
            prints.words = np.frombuffer(row.marks[: len(row.marks) // 4 * 4], "<u4").astype(np.uint32)
    for prints in found.values():
        if prints.sights and not prints.duration_ms:
            prints.duration_ms = prints.sights[-1].at_ms
    return [found.get(item_id) or Prints(item_id, Kind.PHOTO) for item_id in item_ids]


def _size(prints: Prints) -> int:
    return sight_prints.SIZE * len(prints.sights) + prints.words.nbytes + prints.changes.nbytes
