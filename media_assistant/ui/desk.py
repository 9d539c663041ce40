"""What a panel is given: the assistant, the way back to the main thread, and how things look and sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from media_assistant.assistant import Assistant
from media_assistant.ui.downloads import Downloads
from media_assistant.ui.item_models.examples_model import ExamplesModel
from media_assistant.ui.item_models.storyboards import Storyboards
from media_assistant.ui.item_models.thumbnails import Thumbnails
from media_assistant.ui.job_bridge import JobBridge
from media_assistant.ui.library_events import LibraryEvents
from media_assistant.ui.look.theme import Look
from media_assistant.ui.notices import Notices
from media_assistant.ui.shortcuts import Keys
from media_assistant.ui.words import Words


@dataclass(frozen=True, slots=True)
class Desk:
    """Built once by `running.py`, handed to every panel. Holds no state of its own."""

    assistant: Assistant
    bridge: JobBridge
    events: LibraryEvents
    words: Words
    look: Look
    thumbnails: Thumbnails
    storyboards: Storyboards
    notices: Notices
    downloads: Downloads
    keys: Keys
    examples: ExamplesModel

    def tell(self, code: str, *, undo: Callable[[], None] | None = None, **parameters: str | int | float) -> None:
        """Say something in passing, with an Undo if it can be taken back."""
        self.notices.tell(self.words.say(code, **parameters), undo=undo)
