"""The style sheet of one theme. Roles are dynamic properties (`role="primary"`), so that no widget names a colour."""

from __future__ import annotations

from string import Template

from media_assistant.ui.look.colours import Colours
from media_assistant.ui.look.icons import icon_file

SHEET = Template("""
* { outline: 0; }
QMainWindow, QDialog { background: $ground; }
QToolTip { background: $chip; color: $text; border: 1px solid $line_strong; padding: 4px 6px; }
QWidget[ground="side"] { background: $side; }
QWidget[ground="ground"] { background: $ground; }
QWidget[ground="panel"] { background: $panel; }
QWidget[ground="stage"] { background: $stage; }
QWidget[ground="well"] { background: $well; border-radius: 6px; }
QFrame[edge="right"] { border: 0; border-right: 1px solid $line; }
QFrame[edge="left"] { border: 0; border-left: 1px solid $line; }
QFrame[edge="bottom"] { border: 0; border-bottom: 1px solid $line; }
QFrame[edge="top"] { border: 0; border-top: 1px solid $line; }
QFrame[card="plain"] { background: $card; border: 1px solid $line; border-radius: 10px; }
QFrame[card="chosen"] { background: $card; border: 1px solid $accent; border-radius: 10px; }
QFrame[card="drop"] { background: $card; border: 2px dashed $line_strong; border-radius: 14px; }
QFrame[card="row"] { background: transparent; border: 0; }
QFrame[card="note"] { background: $field; border: 0; border-radius: 8px; }
QFrame[card="toast"] { background: $chip; border: 1px solid $line_strong; border-radius: 8px; }
QFrame[card="bad"] { background: $bad_ground; border: 1px solid $bad; border-radius: 8px; }

QLabel { color: $text; background: transparent; }
QLabel[role="brand"] { font-size: 15px; font-weight: 600; }
QLabel[role="title"] { font-size: 16px; font-weight: 600; }
QLabel[role="headline"] { font-size: 20px; font-weight: 600; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="soft"] { color: $text_soft; }
QLabel[role="faint"] { color: $text_faint; }
QLabel[role="small"] { color: $text_faint; font-size: 12px; }
QLabel[role="section"] { color: $text_soft; font-size: 12px; font-weight: 600; }
QLabel[role="bad"] { color: $bad; }
QLabel[role="good"] { color: $good; }
QLabel[role="badge"] { color: $text; background: $chip; border-radius: 5px; padding: 2px 8px; font-size: 12px; }
QLabel[role="badge-good"] { color: $good; background: $chip; border-radius: 5px; padding: 2px 8px; font-size: 12px; }
QLabel[role="badge-bad"] { color: $bad; background: $bad_ground; border-radius: 5px; padding: 2px 8px; font-size: 12px; }

QPushButton { color: $text; background: $card; border: 1px solid $line_strong; border-radius: 7px; padding: 6px 12px; min-height: 17px; }
QPushButton:hover { background: $hovered; }
QPushButton:pressed { background: $chip; }
QPushButton:focus { border: 1px solid $focus; background: $hovered; }
QPushButton:disabled { color: $text_faint; border-color: $line; }
QPushButton[role="primary"] { color: $on_accent; background: $accent; border: 1px solid $accent; }
QPushButton[role="primary"]:hover { background: $accent_hovered; }
QPushButton[role="primary"]:focus { border: 2px solid $text; padding: 5px 11px; }
QPushButton[role="primary"]:disabled { color: $text_faint; background: $chip; border-color: $line; }
QPushButton[role="link"] { color: $link; background: transparent; border: 1px solid transparent; padding: 1px 3px; min-height: 15px; }
QPushButton[role="link"]:hover { text-decoration: underline; }
QPushButton[role="link"]:focus { border: 1px solid $focus; border-radius: 4px; }
QPushButton[role="row"] { text-align: left; background: transparent; border: 1px solid transparent; border-radius: 7px; padding: 4px; }
QPushButton[role="row"]:hover { background: $hovered; }
QPushButton[role="row"]:focus { border: 1px solid $focus; }
QPushButton[role="quiet"] { color: $text_soft; background: transparent; border: 1px solid transparent; padding: 3px 7px; }
QPushButton[role="quiet"]:hover { color: $text; background: $hovered; }
QPushButton[role="quiet"]:focus { border: 1px solid $focus; }
QPushButton[role="brand"] { text-align: left; font-size: 15px; font-weight: 600; background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 3px 6px; }
QPushButton[role="brand"]:hover { background: $hovered; }
QPushButton[role="brand"]:focus { border: 1px solid $focus; }
QPushButton[opens="menu"] { padding: 6px 20px 6px 6px; }
QPushButton[opens="menu"][role="quiet"] { padding: 3px 17px 3px 1px; }
QPushButton[opens="menu"][role="primary"]:focus { padding: 5px 19px 5px 5px; }
QPushButton::menu-indicator { image: url("$arrow"); width: 12px; height: 12px; subcontrol-origin: padding; subcontrol-position: right center; right: 8px; }
QPushButton[role="quiet"]::menu-indicator { right: 5px; }
QPushButton[role="primary"]::menu-indicator { image: url("$arrow_light"); }
QToolButton { color: $text; background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px; }
QToolButton:hover { background: $hovered; }
QToolButton:checked { background: $chip; }
QToolButton:focus { border: 1px solid $focus; }
QToolButton[role="section"] { color: $text_soft; font-size: 12px; font-weight: 600; padding: 3px; }
QToolButton[role="section"]:checked { background: transparent; border: 1px solid transparent; }
QToolButton[role="section"]:hover { background: $hovered; }
QToolButton[role="section"]:focus { border: 1px solid $focus; }
QTreeView { background: transparent; border: 0; }
QListView[role="popup"] { background: $card; color: $text; border: 1px solid $line_strong; padding: 3px; }
QListView[role="popup"]::item { padding: 5px 8px; border-radius: 5px; }
QListView[role="popup"]::item:selected { background: $selected; color: $text; }
QToolButton[role="chip"] { background: $chip; border-radius: 6px; padding: 3px 9px; }
QToolButton[role="chip"]:focus { border: 1px solid $focus; }
QToolButton::menu-indicator { image: none; width: 0; }

QLineEdit, QComboBox, QSpinBox, QPlainTextEdit, QTextEdit, QTextBrowser { color: $text; placeholder-text-color: $text_faint; background: $field; border: 1px solid $line; border-radius: 7px; padding: 5px 8px; selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QPlainTextEdit:focus, QTextEdit:focus, QTextBrowser:focus { border: 1px solid $focus; }
QSpinBox::up-button, QSpinBox::down-button { width: 0; border: 0; }
QComboBox::drop-down { border: 0; width: 20px; }
QComboBox::down-arrow { image: url("$arrow"); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: $card; color: $text; border: 1px solid $line_strong; selection-background-color: $selected; selection-color: $text; }
QComboBox[role="quiet"] { background: transparent; border: 1px solid transparent; color: $text_soft; }
QComboBox[role="quiet"]:focus { border: 1px solid $focus; }
QFrame[box="search"] { background: $field; border: 1px solid $line_strong; border-radius: 8px; }
QFrame[box="search"][lit="true"] { border: 1px solid $focus; }
QFrame[box="search"] QLineEdit { background: transparent; border: 0; padding: 4px; }
QTextBrowser[role="reader"] { background: $ground; border: 1px solid transparent; border-radius: 0; padding: 0; }
QTextBrowser[role="reader"]:focus { border: 1px solid $focus; }
QTextBrowser[role="facts"] { background: transparent; border: 1px solid transparent; padding: 0; }
QTextBrowser[role="facts"]:focus { border: 1px solid $focus; }

QCheckBox, QRadioButton { color: $text; spacing: 8px; padding: 3px; border: 1px solid transparent; border-radius: 5px; }
QCheckBox:focus, QRadioButton:focus { border: 1px solid $focus; }
QCheckBox::indicator, QListView::indicator { width: 14px; height: 14px; border: 1px solid $text_faint; border-radius: 4px; background: $field; }
QCheckBox::indicator:checked, QListView::indicator:checked { background: $accent; border: 1px solid $accent; image: url("$tick"); }

QHeaderView { background: $ground; border: 0; border-bottom: 1px solid $line_strong; }
QHeaderView::section { color: $text_soft; background: $ground; border: 0; border-right: 1px solid $line; padding: 4px 8px; }
QHeaderView::section:hover { color: $text; background: $hovered; }

QTabBar { background: transparent; }
QTabBar::tab { color: $text_soft; background: transparent; padding: 6px 2px; margin-right: 12px; border: 1px solid transparent; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $link; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:focus { color: $link; border: 1px solid $focus; border-bottom: 2px solid $link; border-radius: 4px; }

QTreeView { background: transparent; border: 0; selection-background-color: transparent; show-decoration-selected: 0; }
QListView, QTableView { background: transparent; border: 0; }
QListView[role="lines"] { border: 1px solid transparent; border-radius: 6px; }
QListView[role="lines"]:focus { border: 1px solid $focus; }
QListView[role="names"] { color: $text; border: 1px solid $line; border-radius: 7px; padding: 3px; }
QListView[role="names"]:focus { border: 1px solid $focus; }
QListView[role="names"]::item { padding: 4px 7px; border-radius: 5px; }
QListView[role="names"]::item:hover { background: $hovered; }
QListView[role="names"]::item:selected { background: $selected; color: $text; }
QTableView { selection-background-color: transparent; }
QTableView[role="mix"] { color: $text; selection-background-color: $selected; selection-color: $text; border: 1px solid transparent; border-radius: 6px; }
QTableView[role="mix"]:focus { border: 1px solid $focus; }
QTableView::indicator { width: 14px; height: 14px; border: 1px solid $text_faint; border-radius: 4px; background: $field; }
QTableView::indicator:checked { background: $accent; border: 1px solid $accent; image: url("$tick"); }
QPlainTextEdit[role="line"] { background: $field; border: 1px solid $focus; border-radius: 6px; padding: 1px 3px; }
QLineEdit[role="time"] { padding: 3px 3px; min-width: 58px; font-size: 12px; }
QScrollArea { background: transparent; border: 0; }
QScrollArea > QWidget > QWidget { background: transparent; }
QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: 1px; }
QProgressBar { background: $chip; border: 0; border-radius: 2px; max-height: 5px; min-height: 5px; }
QProgressBar::chunk { background: $link; border-radius: 2px; }
QMenu { background: $card; color: $text; border: 1px solid $line_strong; padding: 5px; }
QMenu::item { padding: 6px 26px 6px 14px; border-radius: 5px; }
QMenu::item:selected { background: $selected; }
QMenu::item:disabled { color: $text_faint; }
QMenu::separator { height: 1px; background: $line; margin: 5px 8px; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar::handle:vertical { background: $line_strong; border-radius: 4px; min-height: 28px; margin: 2px; }
QScrollArea[role="side"] QScrollBar:vertical { width: 8px; }
QScrollArea[role="side"] QScrollBar::handle:vertical { margin: 1px; border-radius: 3px; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle:horizontal { background: $line_strong; border-radius: 4px; min-width: 28px; margin: 2px; }
QScrollBar::handle:hover { background: $text_faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSlider::groove:horizontal { height: 4px; background: $line_strong; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $link; border-radius: 2px; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -4px 0; border-radius: 6px; background: $text; }
QSlider::handle:horizontal:focus { background: $focus; border: 2px solid $text; margin: -6px 0; border-radius: 8px; }
""")


def style_sheet(colours: Colours) -> str:
    """The whole sheet for one theme."""
    icons = {name: icon_file(name).as_posix() for name in ("tick", "arrow", "arrow_light")}
    return SHEET.substitute(colours._asdict(), **icons)
