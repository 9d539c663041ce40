"""PyTorch and what goes with it in a folder of its own, for the tests: .venv is what the lock says, and nothing else."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def need(python: Path, lock: Path, out: Path) -> Path | None:
    """The folder, to be put on `PYTHONPATH`, with the extra `train` as `python` installs it; None if it cannot be had."""
    wishes = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]["train"]
    site, stamp = out / "training-site", out / "training-site.stamp"
    wanted = hashlib.sha256(repr(wishes).encode() + lock.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return site
    print("Setting up PyTorch in out/training-site …", file=sys.stderr, flush=True)
    shutil.rmtree(site, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        # What .venv has too comes in the same version.
        held = Path(folder, "held.txt")
        held.write_text("\n".join(re.findall(r"^[\w.-]+==[^\\\n]+", lock.read_text("utf-8"), re.MULTILINE)), "utf-8")
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(site)]
        if subprocess.call([*pip, "--constraint", str(held), *wishes]):
            return None
    # Where it is there and does not work, all its tests would be skipped, and nothing would have failed.
    tried = [str(python), "-c", f"import sys; sys.path.insert(0, {str(site)!r}); import torch, onnxscript"]
    if subprocess.call(tried):
        sys.exit("PyTorch was installed and cannot be imported: the lines above say why.")
    stamp.write_text(wanted, "utf-8")
    return site
