"""When something was made: by what the file carries, else by its name, else by the file system's word."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from media_assistant.items.item import Captured, DateSource, Place

_DAY = r"(?P<year>19[7-9]\d|20\d\d)(?P<gap>[-_.:年 ]?)(?P<month>0[1-9]|1[0-2])[-_.:月 ]?(?P<day>0[1-9]|[12]\d|3[01])日?"
_CLOCK = r"(?P<hour>[01]?\d|2[0-3])[-_.:：时h]?(?P<minute>[0-5]\d)(?:[-_.:：分m]?(?P<second>[0-5]\d)秒?)?(?:\d{1,3})?\s*(?P<half>[AaPp][Mm])?"
# Camera, phone, messenger and screenshot names: IMG_20240512_153000, PXL_20240512_153000123, 2024-05-12 15.30.00,
# Screenshot 2024-05-12 at 3.30.00 PM, IMG-20240512-WA0001, 2024年05月12日 15时30分.
_DAY_AND_CLOCK = re.compile(rf"(?<!\d){_DAY}(?:[-_. T]{{0,3}}(?:at |um |à )?){_CLOCK}(?!\d)")
_DAY_ALONE = re.compile(rf"(?<!\d){_DAY}(?!\d)")
# mmexport1715499000123, FB_IMG_1715499000123: milliseconds since 1970.
_EPOCH = re.compile(r"(?:mmexport|FB_IMG_|received_|wx_camera_|RDT_)_?(1[0-9]{12})(?!\d)")
_ISO6709 = re.compile(r"^([+-]\d{2,6}(?:\.\d+)?)([+-]\d{3,7}(?:\.\d+)?)([+-]\d+(?:\.\d+)?)?")


def from_name(name: str) -> Captured | None:
    """The date, with the time where it is there, that cameras, phones, messengers and people write into names."""
    if found := _EPOCH.search(name):
        return _here(datetime.fromtimestamp(int(found[1]) / 1000, UTC))
    if found := _DAY_AND_CLOCK.search(name):
        hour = int(found["hour"])
        if found["half"]:
            hour = hour % 12 + (12 if found["half"].lower() == "pm" else 0)
        if (day := _day(found)) and hour < 24:
            at = datetime(day.year, day.month, day.day, hour, int(found["minute"]), int(found["second"] or 0))  # noqa: DTZ001
            # Pixel phones write UTC into their names, everybody else the wall clock.
            return (
                _here(at.replace(tzinfo=UTC))
                if name.startswith("PXL_")
                else Captured(at.isoformat(), None, DateSource.NAME)
            )
    if (found := _DAY_ALONE.search(name)) and (day := _day(found)):
        return Captured(day.isoformat(), None, DateSource.NAME)
    return None


def _here(instant: datetime) -> Captured:
    """A name that counts UTC does not say where that was: it is told as this computer's clock would have shown it."""
    with contextlib.suppress(OSError, OverflowError, ValueError):  # no clock of this system goes that far
        instant = instant.astimezone()
    return _captured(instant, DateSource.NAME)


def _day(found: re.Match[str]) -> date | None:
    try:
        day = date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return None
    return day if day <= datetime.now(UTC).date() + timedelta(days=1) else None


def from_file_time(path: Path) -> Captured | None:
    """When the file was last changed, in this computer's zone: a weak witness."""
    try:
        at = datetime.fromtimestamp(path.stat().st_mtime, UTC).astimezone()
    except (OSError, OverflowError, ValueError):
        return None
    return _captured(at, DateSource.FILE)


def from_container(metadata: Mapping[str, str]) -> Captured | None:
    """Apple's creation date with its zone, else the container's creation time, which is UTC. Lower-case keys."""
    for key in ("com.apple.quicktime.creationdate", "date-eng", "creation_time", "date_recorded", "icrd"):
        if (at := _parse(metadata.get(key, ""))) is not None:
            return _captured(at, DateSource.CONTAINER)
    return None


def from_exif(tags: Mapping[int, object], position: Mapping[int, object]) -> Captured | None:
    """From the tags of IFD0 and the Exif IFD together; the zone from its own tag, or from the GPS clock (CIPA DC-008)."""
    for stamp, zone in ((0x9003, 0x9011), (0x9004, 0x9012), (0x0132, 0x9010)):
        at = _exif_time(tags.get(stamp))
        if at is None:
            continue
        offset = _offset_minutes(tags.get(zone))
        if offset is None:
            offset = _offset_by_satellite(at, position)
        return Captured(at.isoformat(), offset, DateSource.EXIF)
    return None


def place_from_exif(position: Mapping[int, object]) -> Place | None:
    """WGS 84 from the GPS IFD."""
    latitude, longitude = _degrees(position.get(2)), _degrees(position.get(4))
    if latitude is None or longitude is None:
        return None
    latitude *= -1 if str(position.get(1, "N")).strip("\0 ").upper() == "S" else 1
    longitude *= -1 if str(position.get(3, "E")).strip("\0 ").upper() == "W" else 1
    altitude = _number(position.get(6))
    if altitude is not None and position.get(5) in (1, b"\x01"):
        altitude = -altitude
    return _place(latitude, longitude, altitude)


def place_from_iso6709(text: str) -> Place | None:
    """`+48.8577+002.2950+035.000/`, also in degrees, minutes, seconds run together (ISO 6709 annex H)."""
    found = _ISO6709.match(text.strip())
    if not found:
        return None
    return _place(_run_together(found[1], 2), _run_together(found[2], 3), _number(found[3]))


def _place(latitude: float, longitude: float, altitude_m: float | None) -> Place | None:
    if not (abs(latitude) <= 90 and abs(longitude) <= 180) or (latitude == 0 and longitude == 0):
        return None
    return Place(round(latitude, 7), round(longitude, 7), altitude_m)


def _run_together(text: str, degree_digits: int) -> float:
    sign, whole = (-1 if text[0] == "-" else 1), text[1:].partition(".")[0]
    value = float(text[1:])
    if len(whole) <= degree_digits:
        return sign * value
    if len(whole) <= degree_digits + 2:  # DDMM.mm
        return sign * (value // 100 + value % 100 / 60)
    return sign * (value // 10_000 + value // 100 % 100 / 60 + value % 100 / 3600)


def _degrees(value: object) -> float | None:
    if not isinstance(value, tuple | list) or not value:
        return None
    parts = [_number(part) or 0.0 for part in value[:3]]
    return parts[0] + sum(parts[1:2]) / 60 + sum(parts[2:3]) / 3600


def _number(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]  # whatever a file holds
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if abs(number) < 1e9 else None


def _exif_time(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    digits = re.findall(r"\d+", value)
    if len(digits) < 6:
        return None
    try:
        at = datetime(*(int(part) for part in digits[:6]))  # type: ignore[arg-type]  # noqa: DTZ001
    except (ValueError, OverflowError):
        return None
    return at if at.year >= 1900 else None


def _offset_minutes(value: object) -> int | None:
    found = re.match(r"([+-])(\d\d):?(\d\d)", value) if isinstance(value, str) else None
    if not found:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return (-minutes if found[1] == "-" else minutes) if minutes <= 14 * 60 else None


def _offset_by_satellite(at: datetime, position: Mapping[int, object]) -> int | None:
    """The camera's clock against the satellites', to the quarter of an hour, if they were read close together."""
    day, clock = position.get(29), position.get(7)
    if not isinstance(day, str) or not isinstance(clock, tuple | list) or len(clock) < 3:
        return None
    parts = [_number(part) for part in clock[:3]]
    found = re.match(r"(\d{4}):(\d\d):(\d\d)", day)
    if not found or any(part is None for part in parts):
        return None
    try:
        utc = datetime(int(found[1]), int(found[2]), int(found[3])) + timedelta(  # noqa: DTZ001
            hours=parts[0] or 0, minutes=parts[1] or 0, seconds=parts[2] or 0
        )
    except (ValueError, OverflowError):
        return None
    minutes = (at - utc).total_seconds() / 60
    quarter = round(minutes / 15) * 15
    return quarter if abs(minutes - quarter) < 5 and abs(quarter) <= 14 * 60 else None


def _parse(text: str) -> datetime | None:
    text = text.strip().strip("\0")
    if re.fullmatch(r".*[+-]\d{4}", text):
        text = f"{text[:-2]}:{text[-2:]}"
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    # A clock that was never set starts at 1904 or 1970.
    return at if at.year > 1970 and len(text) > 10 else None


def _captured(at: datetime, source: DateSource) -> Captured:
    offset = at.utcoffset()
    minutes = round(offset / timedelta(minutes=1)) if offset is not None else None
    return Captured(at.replace(microsecond=0, tzinfo=None).isoformat(), minutes, source)


def with_zone_of_name(captured: Captured, name: str) -> Captured:
    """A film's clock counts UTC, its name the wall clock where it was made: the two together tell the zone.

    To the half hour and within five minutes, for the one may tell the beginning and the other the end. A name that counts UTC
    itself only tells that the film's clock really does: then this computer's zone is taken.
    """
    named = from_name(name)
    if captured.source is not DateSource.CONTAINER or captured.offset_minutes != 0:
        return captured
    if named is None or "T" not in named.at:
        return captured
    utc = datetime.fromisoformat(captured.at)
    minutes = (datetime.fromisoformat(named.at) - utc).total_seconds() / 60
    offset = round(minutes / 30) * 30 if named.offset_minutes is None else named.offset_minutes
    if abs(minutes - offset) > 5 or abs(offset) > 14 * 60:
        return captured
    return Captured((utc + timedelta(minutes=offset)).isoformat(), offset, captured.source)
