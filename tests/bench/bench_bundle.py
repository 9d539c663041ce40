"""Start of the installed program against the start from source: from a fresh process until its window is on the screen.

Needs a display (`xvfb-run -a -s -noreset`), xdotool, and the folder that `dev.py bundle` made. Both open an empty library.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import report

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "out" / "bundle" / "dist" / "media-assistant" / "media-assistant"
PAIRS = 11


def seconds_until_seen(command: list[str]) -> float:
    """Raises TimeoutError when there is no window after a minute."""
    # Each in a home of its own: a start beside one that is still ending would hand its wish over to that.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        return _seconds(command, {**os.environ, "MEDIA_ASSISTANT_HOME": home})


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    start = time.perf_counter()
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=quiet, stderr=quiet) as process:
        try:
            look = ["xdotool", "search", "--onlyvisible", "--pid", str(process.pid)]
            while not subprocess.run(look, capture_output=True, check=False).stdout.strip():
                if time.perf_counter() - start > 60 or process.poll() is not None:
                    raise TimeoutError(command[0])
                time.sleep(0.004)
            return time.perf_counter() - start
        finally:
            process.terminate()
            process.wait(30)


def main() -> None:
    """Print one JSON line."""
    if not BUNDLE.is_file() or not os.environ.get("DISPLAY") or not shutil.which("xdotool"):
        print("bundle: not measured; it needs `dev.py bundle`, a display and xdotool")
        return
    # An installed program has its bytecode, and so has a checkout that was used before.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["QT_QPA_PLATFORM"] = "xcb"
    ours, theirs = [str(BUNDLE)], [sys.executable, "-m", "media_assistant"]
    times: list[float] = []
    others: list[float] = []
    seconds_until_seen(ours)
    seconds_until_seen(theirs)
    for _ in range(PAIRS):
        times.append(seconds_until_seen(ours))
        others.append(seconds_until_seen(theirs))
    report("bundle", times, others, target="<= 1.5", peer="the same program from source, until its window is there")


if __name__ == "__main__":
    main()
