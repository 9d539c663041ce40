"""Parts that several pages are built of."""

from __future__ import annotations

import shiboken6
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.plain import empty_layout


def test_of_an_emptied_layout_nothing_is_left(qapp: object) -> None:
    """Each page that is filled anew leaves a hundred bytes a widget otherwise, for as long as the program runs."""
    for layout in (QVBoxLayout(), FlowLayout()):
        page = QWidget()
        page.setLayout(layout)
        labels = [QLabel("one"), QLabel("two")]
        for label in labels:
            layout.addWidget(label)
        inner = QHBoxLayout()
        inner.addWidget(QLabel("three"))
        if isinstance(layout, QVBoxLayout):
            layout.addLayout(inner)
            layout.addStretch()
        items = [layout.itemAt(at) for at in range(layout.count())]
        assert len(items) == (4 if isinstance(layout, QVBoxLayout) else 2)
        empty_layout(layout)
        assert layout.count() == 0
        assert not [item for item in items if shiboken6.isValid(item)]
        assert not any(label.isVisible() for label in labels)
