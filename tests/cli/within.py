"""The command line within this process, for what a verb answers: a program of its own takes a second to start.

Streams, exit statuses, signals and what two programs do to each other are `test_program`'s, with real ones.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

from media_assistant.cli.main import main


def run(*words: str | Path, status: int = 0) -> subprocess.CompletedProcess[str]:
    out, told = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    asked = [*map(str, words)]
    with redirect_stdout(out), redirect_stderr(told), patch.dict(os.environ, LC_ALL="C.UTF-8"):
        ended = main(asked)
    said = []
    for stream in (out, told):
        stream.seek(0)
        said.append(stream.read())
    assert ended == status, said[1]
    return subprocess.CompletedProcess(asked, ended, *said)


def ask(*words: str | Path, status: int = 0) -> Any:
    """The one document on standard output."""
    return json.loads(run(*words, "--json", status=status).stdout)
