"""What the review knows of proposals and of what was said of them, and what it asks for those it does not know."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.tag import Proposal, TagState

if TYPE_CHECKING:
    from media_assistant.library.library import Library

Pair = tuple[int, str]
"""An item and a concept: what tells one proposal from another."""


@dataclass(slots=True)
class Entry:
    """A proposal, and what the person said of it here."""

    proposal: Proposal
    state: TagState | None = None
    kept: TagState | None = None
    """What of that is in the library already."""
    passed_after: int = -1
    """How many decisions came before it was passed over last."""


class Decision(NamedTuple):
    """What was said here of an entry, which may be said of more than once, or of very many proposals at once."""

    entry: Entry | None
    """None for very many."""
    written: Future[LibraryChanges]
    """Where it is being written; its answer knows which step of the journal it is."""
    before: TagState | None = None
    """What had been said of it here till then."""

    @property
    def stands(self) -> bool:
        """Whether it was not taken back, as far as that is seen here."""
        return self.entry is None or self.entry.state is not None


class Gone(NamedTuple):
    """An entry that waits no more, and whether it had been passed over by then."""

    entry: Entry
    was_passed: bool


class Waiting(NamedTuple):
    """Which of the entries that were looked at wait still, and how many wait in all, if it was counted."""

    looked_at: list[Entry]
    kept: set[int]
    """By `id()`, those whose decision was in the library when it was asked."""
    waiting: set[Pair]
    others: list[Proposal]
    """What waits besides those that are known, if that was asked."""
    left: int | None


def pair_of(proposal: Proposal) -> Pair:
    """The same however sure it is."""
    return proposal.item_id, proposal.concept.id


def other_proposals(library: Library, concept_id: str, known: set[Pair], most: int) -> list[Proposal]:
    """Those that wait and are not known, from the beginning; about `most` of them. On a reader thread."""
    found: list[Proposal] = []
    last: Proposal | None = None
    while len(found) < most:
        page = library.proposals(concept_id, last, most)
        found += [proposal for proposal in page if pair_of(proposal) not in known]
        if len(page) < most:
            break
        last = page[-1]
    return found
