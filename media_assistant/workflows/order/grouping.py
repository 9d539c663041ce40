"""Collections that form themselves: made in a worker when the library has settled, kept in a file that may be deleted.

What a person says of them is kept in the library: a group that is kept becomes a collection of theirs, and one that they
do not want to see stays away, whatever its number, for as long as most of its members are the same.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media_assistant.errors import UserFixable
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.concept import Concept
from media_assistant.items.folding import fold
from media_assistant.items.group import FormedGroup, Telling
from media_assistant.jobs.threads import Later, make_pool
from media_assistant.jobs.worker_process import WorkerDied
from media_assistant.library.library import Library
from media_assistant.paths import Paths
from media_assistant.sentences import LANGUAGES
from media_assistant.whole_files import write_whole
from media_assistant.workflows.feed import Feed
from media_assistant.workflows.learning_worker import LearningWorker
from media_assistant.workflows.order.group_names import name_groups

if TYPE_CHECKING:
    from media_assistant.workflows.likeness.fused_vectors import FusedVectors

log = logging.getLogger(__name__)

SETTLED_S, RESTS = 30.0, 40
"""So long after the last change groups are formed, and no sooner than so many times as long as it took last."""
_FORMAT = 2
_LEAST_ITEMS = 20
_REFUSED_SAME = 0.5
_BETWEEN = re.compile("[,，、]")
_REMEMBERED = 500
"""Members by which a group that was refused is known again."""


class Groups:
    """Held by the assistant. `fused` gives all items on a thread of the engine; futures are settled there."""

    def __init__(
        self,
        library: Library,
        paths: Paths,
        fused: Callable[[], FusedVectors],
        write: Callable[[Callable[[], LibraryChanges]], Future[LibraryChanges]],
        feed: Feed,
    ) -> None:
        self._library = library
        self._file = paths.library_cache / "groups.json"
        self._fused = fused
        self._write = write
        self._feed = feed
        self._is_closing = threading.Event()
        self._worker = LearningWorker(paths, self._is_closing.is_set, "groups")
        self._work = make_pool(1, "engine-groups")
        self._later = Later(self._look, is_put_off=True)
        self._took_s = 0.0
        self._unsubscribe: Callable[[], None] = lambda: None

    def start(self) -> None:
        """From now on they follow the library by themselves."""
        self._unsubscribe = self._feed.subscribe(self._changed)
        self._plan()

    def close(self) -> None:
        """What is being formed is given up."""
        self._is_closing.set()
        self._unsubscribe()
        self._later.close()
        self._worker.stop()
        self._work.shutdown(wait=True, cancel_futures=True)
        self._worker.close()

    # What is known; on the caller's thread

    def known(self) -> list[FormedGroup]:
        """As they were formed last, without what the person keeps already or does not want to see, and what left
        the library.
        """
        kept = _read(self._file)
        if not kept.get("groups"):
            return []
        concepts = {concept.id: concept for concept in self._library.concepts()}
        refused = [set(items) for items in self._library.refused_groups()]
        here = set(self._library.item_ids())
        there = [tuple(item_id for item_id in plain["members"] if item_id in here) for plain in kept["groups"]]
        gathered = _gathered(there, self._library.gathered_items())
        found = []
        for at, (plain, members) in enumerate(zip(kept["groups"], there, strict=True)):
            if len(members) < 2 or at in gathered or any(_is_same(members, items) for items in refused):
                continue
            named = (
                Telling(
                    concepts.get(each["id"]) or Concept(each["id"], each["en"], each["zh"]),
                    each["inside"],
                    each["everywhere"],
                    each["is_word"],
                )
                for each in plain["telling"]
            )
            found.append(FormedGroup(plain["number"], members, tuple(named)))
        return found

    def members(self, number: int) -> tuple[int, ...]:
        """The items of a group, those most like it first; none of one that is not there any more."""
        return next((group.members for group in self.known() if group.number == number), ())

    def find(self, name: str) -> tuple[int, ...] | None:
        """The items of the group of this number, or of all that have this name in either language, those most like it
        first; None if there is none. Hidden ones and such as were kept count too: a search that names one goes on finding
        it.
        """
        plain = _read(self._file).get("groups", ())
        if name.isdecimal():
            named = [each for each in plain if each["number"] == int(name)]
        else:
            own = {concept.id: concept for concept in self._library.concepts()}
            named = [each for each in plain if _is_called(each["telling"], name, own)]
        return tuple(dict.fromkeys(item_id for each in named for item_id in each["members"])) if named else None

    # What a person says

    def refuse(self, number: int, name: str) -> Future[LibraryChanges]:
        """It is not to be seen again. Can be undone; the history calls it by this `name`."""

        def edit() -> LibraryChanges:
            members = self.members(number)[:_REMEMBERED]
            return self._library.refuse_group(members, name) if members else LibraryChanges()

        return self._write(edit)

    # How they are formed

    def form(self) -> Future[None]:
        """Now, if the library has changed since they were formed last."""
        return self._work.submit(self._form)

    def _form(self) -> None:
        kept = _read(self._file)
        state = list(self._library.changed_at())
        if kept.get("state") == state:
            return
        began = time.monotonic()
        fused = self._fused()
        before = {plain["number"]: plain["members"] for plain in kept.get("groups", ())}
        plain: dict[str, Any] = {"format": _FORMAT, "state": state, "formed": 0, "groups": []}
        if len(fused.ids) >= _LEAST_ITEMS:
            from media_assistant.learning.groups import ask
            from media_assistant.learning.things import from_bytes

            answer = self._worker.ask(ask(fused.ids, fused.units, before, int(kept.get("formed", 0))))
            arrays = from_bytes(answer)
            plain["formed"] = int(arrays["formed"][0])
            groups: dict[int, list[int]] = {}
            for number, item in zip(arrays["numbers"].tolist(), arrays["items"].tolist(), strict=True):
                groups.setdefault(number, []).append(item)
            names = {plain["number"]: plain["telling"] for plain in kept.get("groups", ())}
            named = name_groups(self._library, groups, names, lambda data: self._worker.ask(data, "tell"))
            plain["groups"] = [
                {"number": number, "members": members, "telling": named[number]} for number, members in groups.items()
            ]
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self._file, json.dumps(plain, ensure_ascii=False).encode())
        self._took_s = time.monotonic() - began
        self._feed.publish(LibraryChanges(collections=True))

    def _changed(self, changes: LibraryChanges) -> None:
        if changes.added or changes.removed or changes.moments or changes.tags or changes.jobs:
            self._plan()

    def _plan(self) -> None:
        """Later still while things go on changing."""
        self._later.ask(max(SETTLED_S, RESTS * self._took_s))

    def _look(self) -> None:
        with suppress(RuntimeError):  # closed meanwhile
            self._work.submit(self._form_or_tell)

    def _form_or_tell(self) -> None:
        try:
            self._form()
        except (UserFixable, WorkerDied, ValueError, OSError):
            log.warning("groups were not formed", exc_info=True)
        except Exception:  # a thread's border: the groups stay as they were
            log.exception("groups were not formed")


def _is_called(telling: Sequence[Mapping[str, Any]], name: str, own: Mapping[str, Concept]) -> bool:
    """Whether this is what a group is called, with its parts joined as either language does."""
    concepts = [own.get(each["id"]) or Concept(each["id"], each["en"], each["zh"]) for each in telling]
    called = (", ".join(each.name(language) for each in concepts) for language in LANGUAGES)
    return bool(telling) and _parts(name) in [_parts(each) for each in called]


def _parts(name: str) -> list[str]:
    return [part.strip() for part in _BETWEEN.split(fold(name))]


def _is_same(members: Sequence[int], refused: set[int]) -> bool:
    """By the share of the smaller of the two that both have."""
    shared = len(refused.intersection(members))
    return shared >= _REFUSED_SAME * max(1, min(len(members), len(refused)))


def _gathered(groups: Sequence[Sequence[int]], entries: Sequence[tuple[int, int]]) -> set[int]:
    """Which of the groups a collection holds already: the two have more than half of all that is in either. `entries`
    are (collection, item), each once; all of them are looked at once, however many collections there are.
    """
    groups_of: dict[int, list[int]] = {}
    for at, members in enumerate(groups):
        for item_id in members:
            groups_of.setdefault(item_id, []).append(at)
    sizes = Counter(collection_id for collection_id, _ in entries)
    shared = Counter((at, collection_id) for collection_id, item_id in entries for at in groups_of.get(item_id, ()))
    return {
        at for (at, collection_id), both in shared.items() if 2 * both > len(groups[at]) + sizes[collection_id] - both
    }


def _read(file: Path) -> dict[str, Any]:
    """What was kept; empty if nothing whole is there."""
    try:
        kept = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) and kept.get("format") == _FORMAT else {}
