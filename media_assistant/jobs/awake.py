"""Keeps the computer from falling asleep by itself while there is work; the screen may go dark.

Windows is told directly. Elsewhere a small program of the system is held open: it ends when its input closes, so that a
killed program of ours keeps nothing awake.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence

from media_assistant.jobs.outside import environment_outside

log = logging.getLogger(__name__)

_ES_CONTINUOUS = 0x8000_0000
_ES_SYSTEM_REQUIRED = 0x0000_0001


def holder_command(platform: str, environment: Mapping[str, str], why: str) -> list[str]:
    """The program that is held open, with the desktop's own before the system's; empty where there is none.

    `environment` names the desktop (XDG_CURRENT_DESKTOP) and where programs are (PATH).
    """
    if platform == "darwin":
        wanted: Sequence[Sequence[str]] = (("caffeinate", "-i", "cat"),)
    elif platform.startswith("linux"):
        desktops = environment.get("XDG_CURRENT_DESKTOP", "").upper().split(":")
        gnome = ("gnome-session-inhibit", "--inhibit", "suspend", "--app-id", "media-assistant", "--reason", why, "cat")
        kde = ("kde-inhibit", "--power", "cat")
        any_one = ("systemd-inhibit", "--what=sleep:idle", "--who=Media Assistant", f"--why={why}", "cat")
        wanted = [
            *([gnome] if "GNOME" in desktops or "UNITY" in desktops else []),
            *([kde] if "KDE" in desktops else []),
            any_one,
        ]
    else:
        wanted = ()
    for command in wanted:
        if shutil.which(command[0], path=environment.get("PATH", "")):
            return list(command)
    return []


class StayAwake:
    """`hold` and `release` are called on one and the same thread, and cost no more than starting a small program."""

    def __init__(self, platform: str = sys.platform, environment: Mapping[str, str] | None = None) -> None:
        self._platform = platform
        self._environment = dict(os.environ if environment is None else environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._is_told = False

    @property
    def is_held(self) -> bool:
        """Whether sleep is held off right now."""
        return self._is_told or (self._process is not None and self._process.poll() is None)

    def hold(self, why: str) -> None:
        """No sleep from now on; `why` is shown to a person who asks the system. A log line where it cannot be done."""
        if self.is_held:
            return
        self.release()  # One that could not hold it off has ended by itself.
        if self._platform == "win32":
            self._is_told = self._tell_windows(_ES_CONTINUOUS | _ES_SYSTEM_REQUIRED)
            return
        command = holder_command(self._platform, self._environment, why)
        if not command:
            log.info("nothing on this system keeps it awake on request: it may fall asleep in the middle of the work")
            return
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment_outside(self._environment),
                start_new_session=True,
            )
        except OSError as fault:
            log.info("%s: %s", command[0], fault)

    def release(self) -> None:
        """It may sleep again."""
        if self._is_told:
            self._tell_windows(_ES_CONTINUOUS)
            self._is_told = False
        process, self._process = self._process, None
        if process is not None:
            # Its end takes a moment, and this thread may be the window's.
            threading.Thread(target=_see_off, args=(process,), name="awake-end", daemon=True).start()

    @staticmethod
    def _tell_windows(state: int) -> bool:
        if sys.platform == "win32":
            import ctypes

            return bool(ctypes.windll.kernel32.SetThreadExecutionState(state))
        return False


def _see_off(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        log.info("%s could not hold sleep off (exit status %s)", process.args, process.returncode)
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        process.wait(0.2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
