"""What the workflows answer: plain values for the window and the command line alike."""

from __future__ import annotations

from dataclasses import dataclass

from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Moment
from media_assistant.items.sentence import NOTHING, Sentence
from media_assistant.items.tag import Tag

EARLY = ("search.meaning_starting", "query.example_is_read")
"""Hints that an answer came before all was known."""

MOST_MOMENTS = 8
"""Moments of one item that a search shows. Who finds so many may have found more."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An item that answers a query. `moments` are best first, MOST_MOMENTS at most; empty when its name or a filter alone
    matched.
    """

    item: Item
    score: float
    moments: tuple[Moment, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """`hits` end where relevance ends, or before, where no more were asked for; `more_below_cut` counts the items left out,
    `more_fitting` those of them that fit as well.
    """

    hits: tuple[Hit, ...]
    more_below_cut: int = 0
    took_ms: float = 0.0
    hints: tuple[Sentence, ...] = ()
    """What held the search back, such as a meaning network that is still starting."""
    corrected: str = ""
    """What was searched for beside words that found nothing good; empty if that was not needed."""
    more_fitting: int = 0
    is_cut: bool = False
    """Whether more may fit than are here: asked for more, it tells."""

    @property
    def is_early(self) -> bool:
        """Whether networks were still starting or looking at a file: asked again, it may find more."""
        return any(hint.code in EARLY for hint in self.hints)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two items are alike: a sentence that is true, and the moments on both sides that make it so.

    The n-th of `evidence` (the example's) and the n-th of `theirs` belong together.
    """

    says: Sentence
    evidence: tuple[Moment, ...] = ()
    theirs: tuple[Moment, ...] = ()
    weight: float = 0.0
    """What it adds to the suggestion's place, in nats; negative for a likeness to what is not wanted."""
    example: int = 0
    """Which of the examples it speaks of, counted through those of plus and then those of minus."""
    basis: str = ""
    """The embedding space that it was measured in, for what networks say."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An item like the examples, with at least one reason. Suggestions are in the order of the sum of their reasons' weights;
    `score` (0..1) only rises with it.
    """

    item: Item
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of the paths that a person dropped. `failed` and `ignored` are pairs of path and reason; `step` is the
    step of the journal that it was, 0 if nothing new came in.
    """

    added: tuple[int, ...] = ()
    known: int = 0
    moved: int = 0
    failed: tuple[tuple[str, Sentence], ...] = ()
    ignored: tuple[tuple[str, Sentence], ...] = ()
    step: int = 0
    is_stopped: bool = False
    """Whether some of it was left out because the person had enough."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """How far one analyser got with one item. `state` is waiting, running, done, failed, paused or skipped.

    `error` of what is done is a remark: odd, but survived.
    """

    item_id: int
    analyser: str
    model: str
    state: str
    error: Sentence = NOTHING
    took_s: float = 0.0
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Details:
    """Everything known of one item. `lines` are its transcript or passages in order, `marks` what the person marked,
    `left_off_ms` where playing stopped last (0: nowhere worth going back to).
    """

    item: Item
    tags: tuple[Tag, ...]
    shots: tuple[Moment, ...]
    labels: tuple[Moment, ...]
    lines: tuple[Moment, ...]
    traits: dict[str, object]
    analyses: tuple[Analysis, ...]
    marks: tuple[Moment, ...] = ()
    left_off_ms: int = 0


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """What one worker takes at a time: one stage of one item. `state` is running, waiting or paused."""

    item_id: int
    title: str
    kind: Kind
    duration_ms: int
    stage: int
    analysers: tuple[str, ...]
    state: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An analysis that was given up."""

    item_id: int
    title: str
    path: str
    analyser: str
    model: str
    error: Sentence
    attempts: int


@dataclass(frozen=True, slots=True)
class InProgress:
    """What one worker does at the moment."""

    item_id: int
    title: str
    kind: Kind
    stage: int
    analysers: tuple[str, ...]
    elapsed_s: float
    duration_ms: int = 0
    """0 for what has no length."""
    reached_ms: int = 0
    began_ms: int = 0
    """Where it went on from; not 0 when it had been interrupted."""
    device: str = ""
    """`CPU`, `CUDA`, `CoreML` …; empty until a network has run."""
    setbacks: tuple[Sentence, ...] = ()
    """Why a network runs on something slower than it could."""

    @property
    def speed(self) -> float | None:
        """Seconds of media a second; None where that means nothing or is not known yet."""
        if not self.duration_ms or self.elapsed_s < 1 or self.reached_ms <= self.began_ms:
            return None
        return (self.reached_ms - self.began_ms) / 1000 / self.elapsed_s


@dataclass(frozen=True, slots=True)
class QueueProgress:
    """What the strip at the foot shows. `left_s` is None until enough has been measured to guess."""

    done: int = 0
    total: int = 0
    failed: int = 0
    running: tuple[str, ...] = ()
    """Titles of the items in work."""
    stage: str = ""
    """The analyser in work."""
    left_s: float | None = None
    is_paused: bool = False
    problem: Sentence = NOTHING
    """What holds the whole queue up, such as a full disk."""
    restraint: str = ""
    """Why the work goes gently, or not at all: `playing`, `battery`, `battery_rest`; empty when it does not."""
    held: int = 0
    """Analyses that a person holds back; in none of the other numbers."""
    done_in_all: int = 0
    """Since the program began, where `done` and `failed` begin anew with whatever comes when nothing is left."""
    failed_in_all: int = 0
