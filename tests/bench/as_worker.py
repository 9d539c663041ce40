"""Imported first: what is measured here runs as it does in a worker of the program, on both sides."""

from __future__ import annotations

import os

from media_assistant.jobs.worker_process import ENVIRONMENT

os.environ.update(ENVIRONMENT)
