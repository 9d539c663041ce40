"""The words that a text is about, counted while it is read, with the places where they stand.

English: words and pairs between stop words (the candidates of RAKE: Rose, Engel, Cramer and Cowley, in *Text Mining*,
Wiley 2010), weighed by how often, how early, how widely spread and how capitalised they are (the features of YAKE:
Campos et al., Information Sciences 509, 2020). Chinese: words by jieba, weighed by tf–idf with jieba's own frequencies.
Other languages: longer words by number and spread, where spaces part them: what is written in one, as Japanese and Thai
are, would be whole clauses.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, field

from media_assistant.analysis.chinese import load_chinese
from media_assistant.items.folding import fold, has_unspaced
from media_assistant.items.naming import singular

_MOST = 10
_MOST_KNOWN = 60_000
"""Different words that are counted; beyond, those seen once are forgotten."""
_MOST_READ = 4_000_000
"""Characters that are counted; what a book is about shows by then."""
_PLACES = 5
_MARKS = "".join(chr(code) for code in range(0x300, 0x2000) if unicodedata.category(chr(code))[0] == "M")
"""The vowels of Hindi and its neighbours among them; what Python calls a letter leaves them out."""
_LETTERS = rf"[^\W\d_](?:[^\W\d_]|[{_MARKS}])*"
_WORD = re.compile(rf"{_LETTERS}(?:['’\-]{_LETTERS})*|[^\w\s]+|\n")
_HANGUL = re.compile("[\uac00-\ud7af]+")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+$")
_LONG_WORD = 5

_STOP_WORDS = frozenset(
    """a about above across actually after again against ago all almost alone along already also although always am
    among an and another any anyone anything are aren't around as at away back be became because become been before
    began behind being below between beyond bit both but by came can can't cannot come could couldn't day days did
    didn't different do does doesn't doing don't done down during each easily easiest easy either else end enough even
    ever every everyone everything example far few find first five for four from full further gave get gets getting
    give given gives go goes going gone good got great had hadn't half hardly has hasn't have haven't having he he'd
    he'll he's her here hers herself him himself his how however hundred i i'd i'll i'm i've if in indeed instead into
    is isn't it it'll it's its itself just keep keeps kept know known knows large last later least left less let lets
    like likely little long longer look looked looks lot lots made main mainly make makes making many may maybe me
    mean means might mine more most mostly mr mrs ms much must my myself near nearly need needs never new next nine no
    nobody none nor not nothing now of off often old on once one only onto or other others our ours ourselves out over
    own part people perhaps place put quite rather really right said same saw say says second see seem seemed seems
    seen seven several shall she she'd she'll she's should shouldn't show shows since six small so some someone
    something sometimes soon still such take taken takes ten than that that's the their theirs them themselves then
    there there's these they they'd they'll they're they've thing things think third this those though thought
    thousand three through thus till time times to today together told too took toward towards tried turn two under
    until up upon us use used useful uses using usually very want wants was wasn't way ways we we'd we'll we're we've
    well went were weren't what what's when where whether which while who whole whom whose why will with within
    without won't would wouldn't year years yes yet you you'd you'll you're you've your yours yourself yourselves
    twenty thirty fifty million billion""".split()  # noqa: SIM905  a list of words reads as words
)
_STOP_WORDS_ZH = frozenset(
    """我们 你们 他们 她们 它们 自己 这个 那个 这些 那些 这样 那样 这种 那种 这里 那里 什么 怎么 怎样 为什么 如何 因为 所以 但是
    可是 不过 而且 并且 或者 以及 如果 虽然 然而 因此 于是 然后 已经 还是 就是 只是 都是 也是 不是 可以 能够 应该 需要 必须 可能
    没有 一个 一些 一种 一样 一起 一直 一定 一般 一切 很多 许多 非常 十分 特别 更加 比较 之后 之前 以后 以前 时候 现在 今天 通过
    进行 使用 其中 其他 其它 之间 之一 关于 对于 根据 按照 由于 为了 只有 只要 还有 这才 才能 不同 不能 不会 知道 觉得 看到
    看见 每天 每个 有些 有的 几乎 慢慢 往往 常常 经常 通常 各种 大家 人们 东西 地方 事情 起来 出来 下来 上去 过来 以下 以上 并不
    不要 就要 只要 不用 那么 这么 多少 整夜 无数 组成 开始 继续 成为 作为 变得 变化 十分钟 分钟 最容易 容易 普通 这时 此时""".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Keyword:
    """`score` 0..1 within its text. `places` are (page, start, end) of the first times that it stands there."""

    text: str
    score: float
    places: tuple[tuple[int, int, int], ...]


@dataclass(slots=True)
class _Seen:
    count: int = 0
    first: int = 0
    passages: int = 0
    last_passage: int = -1
    capitals: int = 0
    places: list[tuple[int, int, int]] = field(default_factory=list)
    form: str = ""


class Keywords:
    """Push passages in order, then ask. Memory stays bounded however long the text is."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._seen: dict[str, _Seen] = {}
        self._words = 0
        self._passages = 0
        self._read = 0

    def read(self, text: str, page: int, offset: int) -> None:
        """The passage that stands at `offset` on `page`."""
        if self._read > _MOST_READ:
            return
        self._read += len(text)
        if self._language == "zh":
            self._read_chinese(text, page, offset)
        else:
            self._read_spaced(text, page, offset)
        self._passages += 1
        if len(self._seen) > _MOST_KNOWN:
            self._seen = {word: seen for word, seen in self._seen.items() if seen.count > 1}

    def words(self) -> list[str]:
        """All that was counted, as it is shown."""
        return [self._form(word) for word in self._seen]

    def best(self) -> list[Keyword]:
        """The most telling first."""
        scored = {word: self._weight(word, seen) for word, seen in self._seen.items()}
        ranked = sorted(((weight, word) for word, weight in scored.items() if weight > 0), reverse=True)
        chosen: list[tuple[float, str]] = []
        for weight, word in ranked:
            parts = set(word.split())
            # "milky" says nothing beside "milky way", and "night sky" little beside "sky" if it came later.
            if any(parts & set(other.split()) for _, other in chosen):
                continue
            chosen.append((weight, word))
            if len(chosen) == min(_MOST, 3 + self._words // 15):
                break
        top = chosen[0][0] if chosen else 1.0
        return [
            Keyword(self._form(word), min(1.0, 0.3 + 0.5 * weight / top), tuple(self._seen[word].places))
            for weight, word in chosen
        ]

    def _read_spaced(self, text: str, page: int, offset: int) -> None:
        before: tuple[str, int, bool] | None = None
        is_first = True
        for found in _WORD.finditer(text):
            word = found.group()
            if not word[0].isalpha():
                before, is_first = None, is_first or word[0] in ".!?:\n"
                continue
            lower = word.lower().replace("’", "'").removesuffix("'s")
            is_english = self._language in {"en", ""}
            key = _singular(lower) if is_english else lower
            self._words += 1
            if has_unspaced(_HANGUL.sub("", word)):  # Korean has spaces
                before, is_first = None, False
                continue
            is_name = not is_first and word[0].isupper()
            # A stop word with a capital inside a sentence is part of a name: the Milky Way, The Who.
            is_stop = (lower in _STOP_WORDS and not is_name) if is_english else len(lower) < _LONG_WORD
            if is_stop or len(lower) < 3:
                before, is_first = None, False
                continue
            if lower not in _STOP_WORDS or not is_english:
                self._note(key, word, (page, offset + found.start(), offset + found.end()), is_name=is_name)
            if before is not None and is_english:
                pair, start, is_named = f"{before[0]} {key}", before[1], before[2] and is_name
                self._note(
                    pair, text[start : found.end()], (page, offset + start, offset + found.end()), is_name=is_named
                )
            before, is_first = (key, found.start(), is_name), False

    def _read_chinese(self, text: str, page: int, offset: int) -> None:
        folded = fold(text)
        # Simplified for the dictionary; places must stay those of the text.
        told = folded if len(folded) == len(text) else text
        chinese = load_chinese()
        for word, start, end in chinese.cut(told):
            self._words += 1
            if len(word) < 2 or word in _STOP_WORDS_ZH or not _HAN.match(word) or not chinese.may_be_noun(word):
                continue
            self._note(word, text[start:end], (page, offset + start, offset + end))

    def _note(self, key: str, form: str, place: tuple[int, int, int], *, is_name: bool = False) -> None:
        seen = self._seen.get(key)
        if seen is None:
            seen = self._seen[key] = _Seen(first=self._words, form=form)
        seen.count += 1
        seen.capitals += is_name
        if seen.last_passage != self._passages:
            seen.last_passage = self._passages
            seen.passages += 1
        if len(seen.places) < _PLACES:
            seen.places.append(place)

    def _weight(self, word: str, seen: _Seen) -> float:
        if self._language == "zh":
            chinese = load_chinese()
            if seen.count < 2 and not chinese.is_known(word):
                return 0.0  # a lone new word is more often a slip of the cutting than a name
            return seen.count * chinese.rarity(word) * (1 + 0.1 * min(len(word), 4))
        if " " in word and seen.count < 2 and not seen.capitals:
            return 0.0
        often = 1 + math.log(seen.count)
        early = 1 / math.log(3 + 10 * seen.first / max(1, self._words))
        spread = 1 + 0.5 * seen.passages / max(1, self._passages)
        named = 1 + 0.5 * seen.capitals / seen.count
        long = min(1.0, len(word) / 6)
        pair = 1.5 if " " in word else 1.0
        # What is done, and how, tells less than what there is.
        kind = 0.6 if self._language in {"en", ""} and word.endswith(("ed", "ly", "ing")) else 1.0
        return often * early * spread * named * long * pair * kind

    def _form(self, word: str) -> str:
        """As it is shown: a name keeps its capital, everything else is small and singular."""
        seen = self._seen[word]
        if self._language == "zh":
            return seen.form
        return seen.form if seen.capitals * 2 > seen.count else word


def _singular(word: str) -> str:
    """Potatoes are a potato here, where the word is shown."""
    return word[:-2] if word.endswith("oes") and len(word) > 5 else singular(word)
