"""The environment for starting other programs: without the libraries that a bundle brings along."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

_OF_THE_STARTER = ("LD_LIBRARY_PATH", "QT_PLUGIN_PATH", "QML2_IMPORT_PATH")


def environment_outside(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """`environment` as it was before the installed program's starter put its own folder into it. On Linux, where a file
    manager that finds our libraries before the system's newer ones does not start; as it is everywhere else.
    """
    outside = dict(environment)
    if getattr(sys, "frozen", False) and sys.platform.startswith("linux"):
        before = outside.pop("LD_LIBRARY_PATH_ORIG", "")
        for name in [*_OF_THE_STARTER, *(name for name in environment if name.startswith("_PYI_"))]:
            outside.pop(name, None)
        if before:
            outside["LD_LIBRARY_PATH"] = before
    return outside
