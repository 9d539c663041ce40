"""The panels of the window, one line each. To add one: a module here with a `build(desk)`, a line below, its entry in
`sidebar_panel.py`, what its signals lead to in `page_links.py`, and its name as `ui.panel.<name>` in both languages.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from media_assistant.ui.desk import Desk


class PanelSpec(NamedTuple):
    """`module` is imported when the panel is first shown; panels do not know each other."""

    name: str
    module: str


PANELS = (
    PanelSpec("sidebar", "media_assistant.ui.panels.sidebar_panel"),
    PanelSpec("library", "media_assistant.ui.panels.library_panel"),
    PanelSpec("inspector", "media_assistant.ui.panels.inspector_panel"),
    PanelSpec("player", "media_assistant.ui.panels.player_panel"),
    PanelSpec("activity", "media_assistant.ui.panels.activity_panel"),
    PanelSpec("work", "media_assistant.ui.panels.work_panel"),
    PanelSpec("tags", "media_assistant.ui.panels.tags_panel"),
    PanelSpec("teach", "media_assistant.ui.panels.teach_panel"),
    PanelSpec("review", "media_assistant.ui.panels.review_panel"),
    PanelSpec("history", "media_assistant.ui.panels.history_panel"),
    PanelSpec("foryou", "media_assistant.ui.panels.foryou_panel"),
    PanelSpec("map", "media_assistant.ui.panels.map_panel"),
    PanelSpec("mix", "media_assistant.ui.panels.mix_panel"),
    PanelSpec("duplicates", "media_assistant.ui.panels.duplicates_panel"),
    PanelSpec("folders", "media_assistant.ui.panels.folders_panel"),
    PanelSpec("models", "media_assistant.ui.panels.models_panel"),
    PanelSpec("training", "media_assistant.ui.panels.training_panel"),
    PanelSpec("about", "media_assistant.ui.panels.about_panel"),
    PanelSpec("settings", "media_assistant.ui.panels.settings_panel"),
)
PARTS = ("sidebar", "library", "inspector", "player", "activity")
"""What the window is made of; every other panel is a page that takes the library's place."""
PAGES = tuple(panel.name for panel in PANELS if panel.name not in PARTS)
_BY_NAME = {panel.name: panel for panel in PANELS}


def find_panel(name: str) -> Any:
    """The module of a panel, imported. Raises KeyError for a name that is not in PANELS."""
    return importlib.import_module(_BY_NAME[name].module)


def build_panel(name: str, desk: Desk, **parts: object) -> Any:
    """The panel's widget; `parts` are what its `build` takes over besides the desk. Raises KeyError for a name that is not in PANELS."""
    return find_panel(name).build(desk, **parts)
