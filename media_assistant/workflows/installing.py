"""Models come in: by a download that the person asked for, or from a folder that was carried here."""

from __future__ import annotations

from typing import Any

from media_assistant.jobs.limits import choose_threads
from media_assistant.paths import Paths, bundled
from media_assistant.settings import Settings


def models_config(paths: Paths, settings: Settings, *, whole_machine: bool) -> dict[str, Any]:
    """What a worker must know to find and open the networks, as plain values."""
    return {
        "folders": [str(folder) for folder in paths.model_folders],
        "user_folder": str(paths.user_models),
        "bundled": str(bundled("models")),
        "chosen": dict(settings.chosen_models),
        "languages": list(settings.spoken_languages),
        "threads": choose_threads(whole_machine=whole_machine),
    }
