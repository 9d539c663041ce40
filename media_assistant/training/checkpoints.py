"""Where a training stood after its last epoch: written beside and put in place in one step, so that a killed one goes on."""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path
from typing import Any

from media_assistant.errors import UserFixable, is_no_room, why_of
from media_assistant.training.torch_parts import passing_reason

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
    """What was kept for exactly this plan (a digest of pictures, labels and settings); None where nothing can be used.

    Raises UserFixable("training.kept_unread") where it may be read another time: hours of work can lie in it.
    """
    if not file.is_file():
        return None
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as fault:  # a file that another version or a broken disk left: the training begins anew
        if why := passing_reason(torch, fault):
            raise UserFixable("training.kept_unread", why=why) from fault
        aside = file.with_suffix(".unreadable")
        log.warning("the kept state of a training cannot be read, and is put aside as %s", aside, exc_info=True)
        with contextlib.suppress(OSError):
            os.replace(file, aside)
        return None
    return state if isinstance(state, dict) and state.get("plan") == plan else None


def _is_writer(fault: RuntimeError) -> bool:
    words = str(fault)
    return "PytorchStreamWriter" in words or "file write failed" in words or "unexpected pos" in words
