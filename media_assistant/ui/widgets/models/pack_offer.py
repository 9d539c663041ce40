"""A model pack that lies beside the program or among the downloads: what it holds, and a button that installs it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QWidget

from media_assistant.ui.downloads import Downloads
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.models.download_corner import DownloadCorner, DownloadFault
from media_assistant.ui.widgets.plain import column, empty_layout, label, row, said
from media_assistant.ui.words import Words

if TYPE_CHECKING:
    from media_assistant.workflows.models.installing import FoundPack


_MOST_LICENCES = 4


class PackOffer(QFrame):
    """Hidden until `look` finds one. Nothing is installed before the button is clicked."""

    def __init__(self, words: Words, downloads: Downloads) -> None:
        super().__init__()
        self._words, self._downloads = words, downloads
        self._found: FoundPack | None = None
        self.corner: DownloadCorner | None = None
        self.setProperty("card", "chosen")
        inside = column(self, margins=(14, 12, 14, 12), gap=6)
        inside.addWidget(said(words, "ui.models.pack_title", "strong"))
        self.text = label("small", wraps=True, selectable=True)
        inside.addWidget(self.text)
        self._verbs = row(gap=8)
        inside.addLayout(self._verbs)
        words.changed.connect(self._show)
        downloads.installed.connect(lambda *_: self.look())
        self.hide()

    def look(self) -> None:
        """Ask again whether there is one, and what of it is new."""
        self._downloads.find_pack(self._take, self)

    def _take(self, found: FoundPack | None) -> None:
        if found == self._found:
            return
        self._found = found
        empty_layout(self._verbs)
        self.corner = None
        if found is not None:
            ids = [str(found.file)]
            self.corner = DownloadCorner(
                self._downloads, self._words, ids, 0, tip=str(found.file), role="primary", verb="ui.models.pack_install"
            )
            held = QWidget()
            inside = column(held, gap=4)
            inside.addWidget(DownloadFault(self._downloads, self._words, ids))
            inside.addWidget(self.corner)
            self._verbs.addWidget(held)
            self._verbs.addStretch(1)
        self._show()

    def _show(self) -> None:
        words, found = self._words, self._found
        self.setVisible(found is not None)
        if found is not None:
            comma = words.say("ui.models.pack_comma")
            tasks = comma.join(dict.fromkeys(words.task(task) for task in found.tasks))
            what = {"name": found.file.name, "tasks": tasks, "size": words.size(found.size_bytes)}
            self.text.setText(words.say("ui.models.pack_text", **what, licences=comma.join(_short(found.licences))))
            self.text.setToolTip(plain_tip("\n".join(found.licences)))


def _short(licences: tuple[str, ...]) -> list[str]:
    """Their names without what is said about them, a few; in full they are in the tooltip, and in the pack with their texts."""
    names = [re.sub(r"\s*\(.*?\)", "", part).strip() for each in licences for part in re.split("[,;]", each)]
    several = list(dict.fromkeys(sorted(filter(None, names), key=len)))
    return (
        several
        if len(several) <= _MOST_LICENCES
        else [*several[: _MOST_LICENCES - 1], f"{several[_MOST_LICENCES - 1]} …"]
    )
