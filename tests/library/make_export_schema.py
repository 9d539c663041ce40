"""Write the published schema of the open export: `python -m tests.library.make_export_schema`."""

from __future__ import annotations

import json
from pathlib import Path

from media_assistant.library.export.export_records import json_schema

FILE = Path(__file__).parents[2] / "resources" / "open-export" / "schema.json"


def text() -> str:
    """As it is to be published."""
    return json.dumps(json_schema(), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
