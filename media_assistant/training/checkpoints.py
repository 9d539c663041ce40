"""Where a training stood after its last epoch: written beside and put in place in one step, so that a killed one goes on."""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path
from typing import Any

from media_assistant.errors import UserFixable, is_no_room, why_of

log = logging.getLogger(__name__)


def save(torch: Any, file: Path, state: dict[str, Any]) -> None:
    """Keep `state`. Raises UserFixable("training.not_kept"); what was kept before stays then."""
    new = file.with_suffix(".new")
    try:
        torch.save(state, new)
        os.replace(new, file)
    except (OSError, RuntimeError) as fault:
        # torch's writer says a full disk as a RuntimeError of its own.
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        why = why_of(fault) if isinstance(fault, OSError) else "system.ENOSPC"
        if isinstance(fault, RuntimeError) and not _is_writer(fault):
            raise
        raise UserFixable("training.not_kept", why="system.ENOSPC" if is_no_room(fault) else why) from fault


def load(torch: Any, file: Path, plan: str) -> dict[str, Any] | None:
    """What was kept for exactly this plan (a digest of pictures, labels and settings); None where nothing can be used."""
    if not file.is_file():
        return None
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
    except Exception:  # a file that another version or a broken disk left: the training begins anew
        log.warning("the kept state of a training cannot be read", exc_info=True)
        return None
    return state if isinstance(state, dict) and state.get("plan") == plan else None


def _is_writer(fault: RuntimeError) -> bool:
    words = str(fault)
    return "PytorchStreamWriter" in words or "file write failed" in words or "unexpected pos" in words
