"""What the page that teaches a tag shows: what is known of the tag, and what is asked about next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from media_assistant.items.tag import Proposal
from media_assistant.items.teaching import Lesson, Question
from media_assistant.ui.widgets.review_stage import Shown, load_shown

if TYPE_CHECKING:
    from media_assistant.assistant import Assistant

_ASKED = 6


@dataclass(frozen=True, slots=True)
class LessonPage:
    """All of it; `shown` and `why` are of the first question."""

    lesson: Lesson
    questions: Sequence[Question]
    scores: Sequence[tuple[int, float]]
    lowest: float
    titles: dict[int, str]
    shown: Shown | None
    why: Sequence[str]


def read_lesson(assistant: Assistant, tag: str, skipped: Sequence[int]) -> LessonPage:
    """Slow; on a thread of its own. Nothing of what was `skipped` is asked about."""
    library, teaching = assistant.library, assistant.teaching
    lesson = teaching.lesson(tag)
    concept = lesson.concept.id
    questions = teaching.questions(concept, skipped, _ASKED) if lesson.is_taught else []
    titles = {
        item.id: " ".join(item.title.split()) for item in library.items({each.item_id for each in lesson.examples})
    }
    shown, why = None, []
    if questions:
        first = questions[0]
        shown = load_shown(assistant, Proposal(first.item_id, lesson.concept, first.chance))
        for example in teaching.why(concept, (first.item_id, first.span)):
            if (title := titles.get(example.item_id)) and title not in why:
                why.append(title)
    return LessonPage(
        lesson, questions, library.tag_scores(concept), library.own_words(concept).lowest_score, titles, shown, why
    )
