from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assistant.media.text import decode, find_encoding

TEXTS = [
    ("utf-8", "Ein schöner Tag — 天空很高。"),
    ("utf-16", "Words and 词语"),
    ("utf-32", "Words and 词语"),
    ("utf-16-be", "Wide words without a mark, with spaces and digits 2024."),
    ("gbk", "望远镜观测到遥远的星系，那里的恒星"),
    ("gbk", "你好"),
    ("big5", "望遠鏡觀測到遙遠的星系，那裡的恆星在幾十億年前發出了光。"),
    ("cp950", "望遠鏡觀測到遙遠的星系，那裏的恒星在幾十億年前發出了光。"),
    ("utf-16-le", "一個人在海邊走，第一次看到了燈塔。\n「一天，」他說，「我會再來。」\n"),
    ("utf-16-be", "一個人在海邊走，第一次看到了燈塔。\n「一天，」他說，「我會再來。」\n"),
    ("shift_jis", "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。"),
    ("euc_jp", "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。"),
    ("euc_kr", "안녕하세요. 오늘은 날씨가 좋습니다. 우리는 학교에 갑니다."),
    ("cp1252", "Ein schöner Tag für alle Bürger, über Straßen und Wälder."),
    ("cp1252", "El niño comió mañana con señor José en España."),
    ("cp1252", "Les élèves français ont été très heureux à Noël ; où êtes-vous allés ?"),
    ("cp1252", "Århus er en by på Jyllands østkyst, sagde hun til sin søster."),
    ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy. Zażółć gęślą jaźń."),
    ("cp1251", "Съешь ещё этих мягких французских булок, да выпей чаю. Всё хорошо, друзья."),
]


@pytest.mark.parametrize("times", [1, 30])
@pytest.mark.parametrize(("encoding", "text"), TEXTS)
def test_encodings(encoding: str, text: str, times: int) -> None:
    assert decode((text * times).encode(encoding)) == text * times


@pytest.mark.parametrize("ascii_bytes", [40_000, 70_000, 400_000])
@pytest.mark.parametrize("encoding", ["gbk", "cp950", "cp1252", "cp1251"])
def test_a_text_is_judged_where_it_is_not_ascii(encoding: str, ascii_bytes: int) -> None:
    """A licence, a table or a translation may stand in front for longer than the sample."""
    text = next(text for name, text in reversed(TEXTS) if name == encoding)
    whole = "Plain words in front. " * (ascii_bytes // 22) + text * 40
    assert decode(whole.encode(encoding)) == whole


def test_one_bad_byte_far_behind_spoils_no_utf8() -> None:
    whole = "Plain words in front. " * 4000 + "天空很高，白云很慢。" * 40
    assert decode(whole.encode() + b"\xff" + whole.encode()) == whole + "\ufffd" + whole


@pytest.mark.parametrize("bad", [b"\x80", b"\xff", b"\xb5\n"])
@pytest.mark.parametrize("encoding", ["gbk", "big5", "euc_jp", "cp1252"])
def test_one_bad_byte_spoils_no_text(encoding: str, bad: bytes) -> None:
    text = next(text for name, text in TEXTS if name == encoding) * 5 + "\n"
    data = text.encode(encoding)
    read = decode(data + bad + data)
    assert read.startswith(text)
    assert read.endswith(text)


@pytest.mark.parametrize(
    "text",
    [
        "«Où êtes-vous?» — «À l’hôtel, près de l’église… C’était l’été»",
        "“Größe” – ‘Übermut’ … 5 €",
        "ÅÄÖ åäö ÆØÅ æøå",
    ],
)
@pytest.mark.parametrize("times", [1, 30])
def test_western_texts_are_not_taken_as_chinese(text: str, times: int) -> None:
    whole = (text + "\n") * times
    assert decode(whole.encode("cp1252")) == whole
    broken = whole.encode("cp1252") + b"\x81\n" + whole.encode("cp1252")
    assert find_encoding(broken) not in ("gb18030", "cp950", "euc_jp")


def test_line_ends() -> None:
    assert decode(b"a\r\nb\rc\nd") == "a\nb\nc\nd"


@given(st.binary(max_size=2000))
def test_any_bytes_become_text(data: bytes) -> None:
    assert isinstance(decode(data), str)


@given(st.text(st.characters(exclude_characters="\0\r\ufeff\ufffe", exclude_categories=("Cs",)), max_size=500))
def test_utf8_comes_back(text: str) -> None:
    assert decode(text.encode()) == text
