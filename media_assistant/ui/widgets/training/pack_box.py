"""What training needs beyond the program: how much it would be, where it may come from, and that it can go again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from media_assistant.ui.choosing import choose_paths
from media_assistant.ui.tips import short_tip
from media_assistant.ui.widgets.plain import button, column, label, row, said
from media_assistant.ui.widgets.sure_button import SureButton
from media_assistant.ui.words import Words

if TYPE_CHECKING:
    from pathlib import Path

    from media_assistant.workflows.training.training import Ability


class PackBox(QWidget):
    """Signals: `wanted(object)` with the folder or archive to install from, or None for a download; `removal_wanted()`."""

    wanted = Signal(object)
    removal_wanted = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        down = column(self, gap=8)
        down.addWidget(said(words, "ui.training.pack_title", "section"))
        self.text = label("soft", wraps=True, selectable=True)
        down.addWidget(self.text)
        self.download = button(words, "ui.models.download", lambda: self.wanted.emit(None), role="primary")
        self.file = button(words, "ui.training.pack_file", lambda: self._ask(is_folder=False))
        self.folder = button(words, "ui.training.pack_folder", lambda: self._ask(is_folder=True))
        words.bind(self.file, QPushButton.setToolTip, "ui.training.pack_file_tip")
        words.bind(self.folder, QPushButton.setToolTip, "ui.training.pack_folder_tip")
        codes = "ui.training.pack_remove", "ui.training.pack_remove_surely"
        self.remove = SureButton(words, *codes, self.removal_wanted.emit)
        verbs = row(gap=8)
        for verb in (self.download, self.file, self.folder, self.remove):
            verbs.addWidget(verb)
        verbs.addStretch(1)
        down.addLayout(verbs)
        self.hide()

    def show_pack(self, ability: Ability, *, is_free: bool) -> None:
        """What there is of it. While something else goes on (not `is_free`) nothing can be clicked."""
        words, pack = self._words, ability.pack
        is_here = pack.site is not None
        self.setVisible(is_here or pack.is_other or (bool(ability.missing) and pack.offer is not None))
        lines = []
        if pack.offer is not None:
            sizes = {"size": words.size(pack.offer.size_bytes), "room": words.size(pack.offer.unpacked_bytes)}
            if is_here:
                version = pack.offer.version("torch").partition("+")[0]
                lines.append(words.say("ui.training.pack_here", version=version))
            else:
                lines.append(
                    words.say("ui.training.pack_other" if pack.is_other else "ui.training.pack_offer", **sizes)
                )
            self.download.setText(words.say("ui.training.pack_download", size=sizes["size"]))
        lack = ability.lack
        # Who runs the program from its source may also add the packages to its environment.
        by_hand = words.fault(lack) if lack is not None and lack.code == "training.not_installed" else ""
        self.download.setToolTip(short_tip(by_hand))
        if pack.arrived_bytes and not is_here:
            lines.append(words.say("ui.training.pack_arrived", size=words.size(pack.arrived_bytes)))
        self.text.setText(words.say("ui.sentence_separator").join(lines))
        for verb in (self.download, self.file, self.folder):
            verb.setVisible(is_free and not is_here and pack.offer is not None)
        self.remove.setVisible(is_free and (is_here or pack.is_other or bool(pack.arrived_bytes)))

    def _ask(self, *, is_folder: bool) -> None:
        def take(paths: list[Path]) -> None:
            self.wanted.emit(paths[0])

        title = self._words.say("ui.training.pack_folder" if is_folder else "ui.training.pack_file")
        choose_paths(self, title, take, is_folder=is_folder)
