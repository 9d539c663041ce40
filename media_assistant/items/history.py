"""What was done in a library and who did it, as the history shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from media_assistant.items.concept import Concept
from media_assistant.items.happening import Happening


class Who(StrEnum):
    """Whose doing is shown."""

    PERSON = "person"
    MODELS = "models"
    EVERYBODY = "everybody"
    PAST = "past"
    """What was played and searched: no step, so that nothing of it can be undone, but forgotten."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the person. `verb` names what was done (`accept_tag`, `remove_items` …); `at` is UTC.

    `subject` is what it was done with where that is no item: a collection's name, a folder, a line's new words.
    """

    number: int
    at: str
    verb: str
    item_count: int = 0
    item_ids: tuple[int, ...] = ()
    """The first few."""
    title: str = ""
    """Of the first item, also if it is no longer in the library."""
    subject: str = ""
    concept: Concept | None = None
    is_undone: bool = False
    taken_back_by: int = 0
    """The later step that took this one back alone."""
    takes_back: int = 0
    """The older step that this one took back; what that one did is told of it."""
    older_verb: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """An analysis that was completed: what a model, or with `model` empty the program itself, found in an item."""

    run_id: int
    at: str
    analyser: str
    model: str
    item_id: int
    title: str
    found: int = 0
    """How many moments, traits aside."""


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that was played, opened or searched, with the title of its item."""

    happening: Happening
    title: str = ""

    @property
    def at(self) -> str:
        """When it began, UTC."""
        return self.happening.at


Entry = Step | Understood | Happened


@dataclass(frozen=True, slots=True)
class Page:
    """Entries of the history, the newest first, and where the next ones begin.

    `words` narrows to items and tags whose name holds them, and to the steps whose verb is one of `verbs`.
    """

    who: Who = Who.EVERYBODY
    words: str = ""
    verbs: tuple[str, ...] = ()
    size: int = 100
    entries: tuple[Entry, ...] = field(default=())
    before_step: int | None = None
    before_run: tuple[str, int] | None = None
    before_happening: int | None = None
    is_last: bool = False
