"""What Chinese words sound like."""

from __future__ import annotations

import pytest

from media_assistant.items.pinyin import alike, is_read, sounds


def test_a_name_has_the_letters_that_type_it() -> None:
    assert list(sounds("灯塔")) == ["dengta"]
    assert {"yinyue", "yinle"} == set(sounds("音乐"))
    assert len(list(sounds("行" * 12))) <= 16


@pytest.mark.parametrize(("character", "same", "near", "other"), [("灯", "登", "等", "塔"), ("十", "是", "四", "士x")])
def test_what_is_read_alike_is_told_from_what_nearly_is(character: str, same: str, near: str, other: str) -> None:
    assert same in alike(character)
    assert character not in alike(character) + alike(character, nearly=True)
    assert (near in alike(character)) != (near in alike(character, nearly=True))
    assert other[-1] not in alike(character) + alike(character, nearly=True)


def test_what_is_not_chinese_is_not_read() -> None:
    assert is_read("灯塔")
    assert not any(map(is_read, ("", "lamp", "灯塔a", "ねこ", "개")))
    assert not alike("a")
    assert not alike("ね")
