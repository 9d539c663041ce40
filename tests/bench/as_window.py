"""Imported first: what is measured here runs as it does in the window's own process."""

from __future__ import annotations

import os

from media_assistant.__main__ import ENVIRONMENT, import_qt

os.environ.update(ENVIRONMENT)
import_qt()
