import xml.etree.ElementTree as ET

import pytest

from media_assistant.media.xmp import write_xmp

RATING = ".//{http://ns.adobe.com/xap/1.0/}Rating"


@pytest.mark.parametrize(("stars", "written"), [(4, "4"), (0, "0"), (None, None)])
def test_stars_are_where_other_programs_look_for_them(stars: int | None, written: str | None) -> None:
    tree = ET.fromstring(write_xmp("a <title>", ["sea"], [["water", "sea"]], stars).encode())
    found = tree.find(RATING)
    assert (None if found is None else found.text) == written
