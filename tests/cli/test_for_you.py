import json
from pathlib import Path

import pytest

from media_assistant.cli.main import main
from media_assistant.items.slate import Liking
from media_assistant.library.library import Library
from media_assistant.paths import find_paths
from tests.workflows.recommend_library import fill


def test_rows_with_reasons_and_a_word_on_an_item(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library = Library.open(find_paths().library)
    fill(library, 24)
    library.finding.close()
    library.close()
    assert main(["for-you", "--json", "--limit", "2"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["cold"] and said["rows"][0]["name"] == "newest"
    assert all(len(row["offers"]) <= 2 and each["why"] for row in said["rows"] for each in row["offers"])
    assert main(["for-you", "never", "5"]) == 0
    assert main(["for-you", "like"]) == 2
    library = Library.open(find_paths().library)
    assert [(each.item_id, each.word) for each in library.likings()] == [(5, Liking.NEVER)]
    library.close()
