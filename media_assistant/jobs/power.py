"""Whether the computer lives on its battery."""

from __future__ import annotations

import psutil


def is_on_battery() -> bool:
    """Whether there is a battery and no mains. Reads a few small files: not for the window's thread."""
    ask = getattr(psutil, "sensors_battery", None)  # not on every system
    if ask is None:
        return False
    try:
        battery = ask()
    except (OSError, ValueError, RuntimeError):
        # Odd drivers; then it is as if there were none.
        return False
    return battery is not None and battery.power_plugged is False
