"""Transcripts under a person's hand: what they asked for is what stands, whatever models find, and undo is exact."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from media_assistant.items.findings import Finding
from media_assistant.items.moment import Layer, Moment, Sense, Source, Word
from media_assistant.items.replacing import Wanted, replacer
from media_assistant.items.span import TimeSpan
from media_assistant.items.transcript import PERSON, Rewrite, merge, new_line, retime, retype, shift, split
from media_assistant.library import text_index
from media_assistant.library.library import Library
from tests.library.making import new_item, open_new


def heard(start_ms: int, text: str, language: str = "en") -> Moment:
    """A line whose words last half a second each."""
    words = tuple(
        Word(start_ms + 500 * n, start_ms + 500 * n + 500, word, 0.4 + 0.1 * (n % 5))
        for n, word in enumerate(text.split())
    )
    span = TimeSpan(start_ms, words[-1].end_ms)
    return Moment(span, Sense.SAID, Layer.LINE, text=text, language=language, words=words)


FOUND = [heard(0, "one two three"), heard(1500, "four five"), heard(2500, "six"), heard(6000, "seven eight nine ten")]


def filled(folder: Path) -> tuple[Library, int]:
    library = open_new(folder)
    (item_id,), _ = library.add_items([new_item(1)])
    listen(library, item_id, FOUND)
    return library, item_id


def listen(library: Library, item_id: int, lines: list[Moment], model: str = "net") -> None:
    """A recogniser's run that takes the place of the one before."""
    found: list[Finding] = list(lines)
    library.save_findings(item_id, "speech", 1, model, "", found, is_first_chunk=True)


def transcript(library: Library, item_id: int) -> list[tuple[int, int, str]]:
    return [(line.span.start_ms, line.span.end_ms, line.text) for line in library.details(item_id).lines]  # type: ignore[union-attr]


def values(lines: list[Moment]) -> list[tuple[object, ...]]:
    return sorted(((line.span, line.text, line.words, line.language) for line in lines), key=repr)


def all_that_is_known(library: Library, item_id: int) -> dict[str, Any]:
    with library._database.read() as connection:
        rows = {
            "stretches": connection.execute("SELECT * FROM own_stretches ORDER BY 1, 2, 3, 4, 5, 6").fetchall(),
            "moments": connection.execute(
                "SELECT span_a, span_b, text, words, language, origin, is_covered, run_id IS NULL FROM moments ORDER BY 1, 2, 3, 4, 8"
            ).fetchall(),
            "names": library.spoken_names(),
        }
        for word in ("one", "five", "new", "X", "ten"):
            found = text_index.match(connection, text_index.expression(word))
            rows[f"lines of {word}"] = len(found)
    return rows


at = st.integers(0, 9)
edits = st.one_of(
    st.tuples(st.just("retype"), at, st.sampled_from(["new words", "one", "", "one two three X"])),
    st.tuples(st.just("split"), at, st.integers(0, 12)),
    st.tuples(st.just("merge"), at),
    st.tuples(st.just("retime"), at, st.integers(0, 9000), st.integers(0, 3000)),
    st.tuples(st.just("shift"), st.integers(-3000, 3000)),
    st.tuples(st.just("insert"), st.integers(0, 9000), st.integers(0, 2000)),
    st.tuples(st.just("delete"), at),
    st.tuples(st.just("replace"), st.sampled_from(["o", "e", "one"])),
    st.tuples(st.just("names"), st.lists(st.sampled_from(["Ann", "Bo", "李雷"]), max_size=3)),
)


def wish(lines: list[Moment], edit: tuple[Any, ...]) -> tuple[list[Moment], list[Moment]]:
    """What goes and what comes."""
    one = lines[edit[1] % len(lines)] if lines and edit[0] in ("retype", "split", "retime", "delete") else None
    match edit:
        case ("retype", _, text) if one is not None:
            return [one], [retype(one, text)]
        case ("split", _, place) if one is not None:
            halves = split(one, place)
            return ([one], list(halves)) if halves else ([], [])
        case ("merge", number) if len(lines) > 1:
            first = number % (len(lines) - 1)
            return lines[first : first + 2], [merge(lines[first : first + 2])]
        case ("retime", _, start, length) if one is not None:
            return [one], [retime(one, start, start + length)]
        case ("shift", ms):
            return lines, [shift(line, ms) for line in lines]
        case ("insert", start, length):
            return [], [new_line(start, start + length, "new line", "en")]
        case ("delete", _) if one is not None:
            return [one], []
        case ("replace", text):
            put = replacer(Wanted(text), "X")
            changed = [line for line in lines if put(line) is not line]
            return changed, [put(line) for line in changed]
        case _:
            return [], []


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(edits, max_size=10), st.integers(0, 10))
@example([("retime", 1, 0, 750)], 0)  # half of the first line's time, and one of its three words
def test_every_edit_does_exactly_what_was_asked_and_undo_all_is_the_start(
    story: list[tuple[Any, ...]], restart_at: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        library, item_id = filled(Path(folder))
        states = [all_that_is_known(library, item_id)]
        for edit in story:
            steps = len(library.journal(1000))
            if edit[0] == "names":
                library.set_names(edit[1])
            else:
                lines = list(library.details(item_id).lines)
                out, put = wish(lines, edit)
                library.rewrite_lines([Rewrite(item_id, tuple(out), tuple(put))], edit[0])
                kept = [line for line in lines if line not in out]
                wanted = values([*kept, *(line for line in put if line.text)])
                assert values(list(library.details(item_id).lines)) == wanted
            if len(library.journal(1000)) > steps:
                states.append(all_that_is_known(library, item_id))
        for number, expected in enumerate(reversed(states[:-1])):
            if number == restart_at:
                library.close()
                library = Library.open(library.file)
            assert library.undo().journal
            assert all_that_is_known(library, item_id) == expected
        assert not library.undo()
        for expected in states[1:]:
            assert library.redo().journal
            assert all_that_is_known(library, item_id) == expected
        library.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(edits, max_size=6),
    st.lists(st.tuples(st.integers(0, 9000), st.integers(1, 6)), max_size=6),
)
@example([("insert", 2, 249)], [(0, 1)])  # a little less than half of the line, yet the middle of its word
def test_no_later_run_changes_or_hides_a_persons_line(
    story: list[tuple[Any, ...]], better: list[tuple[int, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        library, item_id = filled(Path(folder))
        for edit in story:
            out, put = wish(list(library.details(item_id).lines), edit)
            library.rewrite_lines([Rewrite(item_id, tuple(out), tuple(put))], edit[0])
        mine = [line for line in library.details(item_id).lines if line.source == PERSON]
        listen(library, item_id, [heard(start, " ".join("better" for _ in range(n))) for start, n in better], "other")
        after = list(library.details(item_id).lines)
        assert values([line for line in after if line.source == PERSON]) == values(mine)
        for line in mine:
            assert isinstance(line.span, TimeSpan)
            middles = [
                (word.start_ms + word.end_ms) // 2
                for other in after
                if other.source.model == "other"
                for word in other.words
            ]
            assert not any(line.span.start_ms <= middle < line.span.end_ms for middle in middles)
        library.close()


def test_moved_lines_do_not_come_back_with_the_next_model(tmp_path: Path) -> None:
    library, item_id = filled(tmp_path)
    lines = library.details(item_id).lines
    library.rewrite_lines([Rewrite(item_id, lines, tuple(shift(line, 20_000) for line in lines))], "shift_lines")
    listen(library, item_id, [heard(0, "won too three"), heard(11_000, "something new")], "other")
    assert transcript(library, item_id) == [
        (11_000, 12_000, "something new"),
        (20_000, 21_500, "one two three"),
        (21_500, 22_500, "four five"),
        (22_500, 23_000, "six"),
        (26_000, 28_000, "seven eight nine ten"),
    ]
    assert library.details(item_id).lines[1].source.analyser == "speech", "moving makes nobody else say it"
    library.close()


def test_a_longer_line_of_a_better_model_is_parted_where_the_person_has_the_word(tmp_path: Path) -> None:
    library, item_id = filled(tmp_path)
    four = library.details(item_id).lines[1]
    library.rewrite_lines([Rewrite(item_id, (four,), (retype(four, "for life"),))], "edit_line")
    listen(library, item_id, [heard(0, "a b c d e f g h i")], "other")
    assert transcript(library, item_id) == [(0, 1500, "a b c"), (1500, 2500, "for life"), (2500, 4500, "f g h i")]
    library.undo()
    assert transcript(library, item_id) == [(0, 1500, "a b c"), (1500, 2500, "d e"), (2500, 4500, "f g h i")]
    library.close()


def test_languages_side_by_side_do_not_hide_each_other(tmp_path: Path) -> None:
    library, item_id = filled(tmp_path)
    found: list[Finding] = [heard(0, "一 二", "zh"), heard(1500, "四", "zh")]
    library.save_findings(item_id, "subtitles", 1, "", "", found, is_first_chunk=True)
    one = next(line for line in library.details(item_id).lines if line.text == "one two three")
    library.rewrite_lines([Rewrite(item_id, (one,), (retype(one, "one too three"),))], "edit_line")
    texts = [text for _, _, text in transcript(library, item_id)]
    assert "一 二" in texts and "one too three" in texts and "one two three" not in texts
    library.close()


def test_who_made_a_line_is_kept(tmp_path: Path) -> None:
    library, item_id = filled(tmp_path)
    again = replace(heard(6000, "seven ate nine"), source=Source("speech", "large", "r2"))
    last = library.details(item_id).lines[-1]
    library.rewrite_lines([Rewrite(item_id, (last,), (again,))], "listen_again")
    stored = library.details(item_id).lines[-1]
    assert (stored.source, stored.words) == (again.source, again.words)
    listen(library, item_id, FOUND, "other")
    assert library.details(item_id).lines[-1].text == "seven ate nine", "what was asked for stays"
    library.close()


def test_names_are_each_once_in_order_and_undone(tmp_path: Path) -> None:
    library, _ = filled(tmp_path)
    library.set_names([" Ødegård ", "李雷, Ann", "Ann", "", "a  b"])
    assert library.spoken_names() == ("Ødegård", "李雷", "Ann", "a b")
    library.set_names(["Ann"])
    library.close()
    library = Library.open(library.file)
    assert library.undo().journal
    assert library.spoken_names() == ("Ødegård", "李雷", "Ann", "a b")
    library.close()


def test_a_removed_item_keeps_its_lines_out_of_every_search(tmp_path: Path) -> None:
    library, item_id = filled(tmp_path)
    one = library.details(item_id).lines[0]
    library.rewrite_lines([Rewrite(item_id, (one,), (retype(one, "zebra crossing"),))], "edit_line")
    library.remove_items([item_id])
    library.undo()
    library.undo()
    library.redo()
    with library._database.read() as connection:
        assert len(text_index.match(connection, text_index.expression("zebra"))) == 1
    library.close()
