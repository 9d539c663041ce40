import pytest

from media_assistant.items.folding import cut, cut_query, findable, fold, split_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＯＰＥＮ　２４", "open 24"),
        ("看見小狗", "看见小狗"),
        ("臺灣", "台湾"),
        ("STRASSE", "straße"),
        ("İstanbul", "istanbul"),
        ("zero\u200bwidth", "zerowidth"),
        ("Ёлка", "елка"),
        ("ｶﾞ", "ガ"),
    ],
)
def test_what_looks_alike_folds_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("αθηνα", "Αθήνα"),
        ("ΟΔΥΣΣΕΥΣ", "Ὀδυσσεύς"),
        ("λαικη", "λαΐκή"),
        ("شمس", "شَمْسٌ"),
        ("احمد", "أحمد"),
        ("محمــد", "مُحَمَّد"),
        ("مدرسه", "مدرسة"),
        ("كتاب", "کتاب"),
        ("2024", "٢٠٢٤"),
        ("שלום", "שָׁלוֹם"),
        ("lodz", "Łódź"),
        ("duong", "đường"),
        ("smorrebrod", "smørrebrød"),
        ("замок", "за\u0301мок"),
    ],
)
def test_words_are_found_without_the_marks_that_people_leave_out(typed: str, written: str) -> None:
    assert findable(typed) == findable(written)


def test_letters_of_their_own_stay() -> None:
    assert findable("мой ガ पानी") == "мой ガ पानी"


def test_a_character_folds_the_same_whatever_stands_beside_it() -> None:
    words = "乾坤 乾燥 頭髮 發展 後來 皇后 著名 看著"
    assert fold(words) == "".join(fold(character) for character in words)


def test_runs_without_spaces_are_cut_into_pairs_that_each_character_begins() -> None:
    assert cut("看小狗ok了").split() == ["看小", "小狗", "狗", "ok", "了"]
    assert cut_query("看小狗").split() == ["看小", "小狗"]
    assert cut_query("狗").split() == ["狗"]
    assert cut("plain words") == "plain words"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("IMG_2024-05-17", "IMG 2024 05 17"),
        ("myHolidayVideo.final", "my Holiday Video final"),
        ("HTTPServer2", "HTTP Server 2"),
        ("看海_第一集", "看海 第一集"),
        ("पानी_की_बोतल2", "पानी की बोतल2"),
        ("Cafe\u0301_Ole\u0301", "Cafe\u0301 Ole\u0301"),
    ],
)
def test_file_names_are_cut_into_words(name: str, words: str) -> None:
    assert set(words.split()) <= set(split_name(name).split())
