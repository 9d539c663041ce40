"""Who publishes: `publisher.py` says what of it is still a placeholder, and ends with 1 then. A release asks it, a bundle not."""

from __future__ import annotations

import configparser
import sys
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).resolve().parent / "publisher.ini"


class Publisher(NamedTuple):
    """`placeholders` names those of the other fields that are not true yet."""

    name: str
    email: str
    homepage: str
    app_id: str
    placeholders: tuple[str, ...]

    def fill(self, text: str) -> str:
        """`@NAME@`, `@EMAIL@`, `@HOMEPAGE@` and `@APP_ID@` replaced."""
        for field in ("name", "email", "homepage", "app_id"):
            text = text.replace(f"@{field.upper()}@", getattr(self, field))
        return text


def read(file: Path = FILE) -> Publisher:
    """Raises KeyError for a field that is missing or empty, and for a placeholder that is no field."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(file.read_text("utf-8"))
    said = parser["publisher"]
    fields = {field: said[field].strip() for field in ("name", "email", "homepage", "app_id")}
    placeholders = tuple(each.strip() for each in said["placeholders"].split(",") if each.strip())
    if wrong := [each for each in placeholders if each not in fields] + [each for each in fields if not fields[each]]:
        raise KeyError(f"{file.name}: {', '.join(wrong)}")
    return Publisher(**fields, placeholders=placeholders)


def main() -> int:
    """The exit status."""
    if left := read().placeholders:
        print(f"Not to be published: {FILE.name} still holds placeholders for {', '.join(left)}. See RELEASE.md.")
        return 1
    print("The publisher is named.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
