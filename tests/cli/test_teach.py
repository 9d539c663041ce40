"""The words of the verb `teach`."""

from __future__ import annotations

from media_assistant.cli.arguments import build_parser


def test_teach_takes_examples_counter_examples_a_version_and_a_limit() -> None:
    words = ["teach", "Grandma", "--like", "1", "2@0:10-0:20", "--not", "3", "--version", "2", "--limit", "5"]
    asked = build_parser(lambda code, **_values: code).parse_args(words)
    assert (asked.tag, asked.like, asked.unlike) == ("Grandma", ["1", "2@0:10-0:20"], ["3"])
    assert (asked.version, asked.limit, asked.forget) == (2, 5, False)


def test_train_says_which_way_without_training() -> None:
    asked = build_parser(lambda code, **_values: code).parse_args(["train", "Grandma", "--advise"])
    assert (asked.tags, asked.advise) == (["Grandma"], True)
