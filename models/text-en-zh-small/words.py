"""The words of the little text network: how English words are brought to their lemma and Chinese ones are cut."""

from __future__ import annotations

import re

_IRREGULAR = """
men man|women woman|children child|people person|feet foot|teeth tooth|geese goose|mice mouse|lice louse|oxen ox
dice die|lives life|wives wife|knives knife|wolves wolf|leaves leaf|loaves loaf|halves half|shelves shelf|thieves thief
calves calf|scarves scarf|hooves hoof|elves elf|criteria criterion|phenomena phenomenon|bacteria bacterium|data datum
went go|gone go|was be|were be|is be|are be|am be|been be|being be|had have|has have|having have|did do|does do|done do
said say|made make|took take|taken take|came come|saw see|seen see|knew know|known know|got get|gotten get|gave give
given give|found find|thought think|told tell|became become|left leave|felt feel|brought bring|began begin|begun begin
kept keep|held hold|wrote write|written write|stood stand|heard hear|meant mean|met meet|ran run|paid pay|sat sit
spoke speak|spoken speak|led lead|grew grow|grown grow|lost lose|fell fall|fallen fall|sent send|built build
understood understand|drew draw|drawn draw|broke break|broken break|spent spend|rose rise|risen rise|drove drive
driven drive|bought buy|wore wear|worn wear|chose choose|chosen choose|ate eat|eaten eat|flew fly|flown fly|sang sing
sung sing|swam swim|swum swim|caught catch|taught teach|fought fight|sold sell|won win|shot shoot|slept sleep|swept sweep
threw throw|thrown throw|drank drink|drunk drink|rode ride|ridden ride|rang ring|rung ring|sank sink|sunk sink|stole steal
stolen steal|struck strike|froze freeze|frozen freeze|hid hide|hidden hide|bit bite|bitten bite|blew blow|blown blow
fed feed|fled flee|forgot forget|forgotten forget|lent lend|laid lay|lay lie|lain lie|lit light|shone shine|shook shake
shaken shake|sought seek|spun spin|sprang spring|stuck stick|swore swear|tore tear|torn tear|woke wake|wept weep|wound wind
better good|best good|worse bad|worst bad|bred breed|dug dig|hung hang|knelt kneel|slid slide|wove weave|woven weave
"""
IRREGULAR = dict(pair.split() for pair in re.split(r"[|\n]", _IRREGULAR) if pair.strip())

_ENGLISH = """
a an the of in on at by for from to with without into onto upon over under between among through during before after
above below up down out off about against and or but nor so yet if then than that this these those there here which
who whom whose what when where why how is be have do can could may might must shall should will would not no it its he
him his she her they them their we us our you your i me my one some any all each every both either neither other another
such same own only very too more most much many few less least as also just etc usually especially often something
someone somebody anything used use using make made cause act state quality having relating characterized consisting
being become get give take go come way thing certain various several particular kind type sort form part member group
because while until since although though however again ever never always now once still even like per via e g esp
"""
ENGLISH_STOP = frozenset(_ENGLISH.split())
_CHINESE = """
的 了 着 过 是 在 和 与 及 或 就 都 而 也 又 很 更 最 把 被 让 使 给 对 向 从 到 由 于 以 为 因 所 之 其 此 这 那 哪 个 些 们 我 你 他 她 它 我们 你们 他们 她们 它们
不 没 没有 有 会 能 里面 上面 下面 时候 之后 之前 以后 以前 正在 可以 要 将 已 已经 还 再 才 只 但 但是 如果 因为 所以 并 并且 而且 不是 这个 那个 这些 那些 什么 怎么 一 一个 一种 一些 吗 呢 吧 啊 得 地 上 下 里 中 内 外 来 去 等
"""
CHINESE_STOP = frozenset(_CHINESE.split())

_SUFFIXES = (
    *(("ies", "y"), ("ves", "f"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("zes", "z")),
    *(("oes", "o"), ("es", "e"), ("s", ""), ("ied", "y"), ("ed", "e"), ("ed", ""), ("ing", "e"), ("ing", "")),
    *(("est", "e"), ("est", ""), ("er", "e"), ("er", ""), ("iest", "y"), ("ier", "y"), ("ly", "")),
)


def lemma(word: str, known: frozenset[str] | set[str]) -> str:
    """The dictionary form of a lower-case English word, or the word itself (Princeton WordNet's rules of detachment)."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word in known:
        # A dictionary form that is also a plain plural ("dogs" is not one, "glasses" is) stays as it is.
        return word
    for ending, instead in _SUFFIXES:
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            stem = word[: len(word) - len(ending)]
            for candidate in (stem + instead, stem[:-1] if stem[-1:] == stem[-2:-1] and not instead else ""):
                if candidate in known:
                    return candidate
    return word


def inflections(word: str) -> list[str]:
    """The regular forms that an English lemma may take in a text; some exist only by rule."""
    vowels = "aeiou"
    forms = [word + "s"]
    if word.endswith(("s", "x", "z", "ch", "sh", "o")):
        forms = [word + "es"]
    if word.endswith("y") and len(word) > 2 and word[-2] not in vowels:
        forms = [word[:-1] + "ies", word[:-1] + "ied", word + "ing"]
    elif word.endswith("e"):
        forms += [word + "d", word[:-1] + "ing"]
    else:
        forms += [word + "ed", word + "ing"]
        if len(word) > 2 and word[-1] not in "wxy" + vowels and word[-2] in vowels and word[-3] not in vowels:
            forms += [word + word[-1] + "ed", word + word[-1] + "ing"]
    return forms


def english_words(text: str) -> list[str]:
    """Lower-case words of letters."""
    return re.findall(r"[a-z]+", text.lower())


def chinese_lemma(word: str) -> str:
    """A Chinese entry without the particle that makes it an attribute: 可以的 is 可以."""
    return word[:-1] if len(word) > 2 and word[-1] in "的地" else word


def chinese_parts(word: str, known: set[str]) -> list[str]:
    """Shorter known words inside a longer one, cut from the left, the longest first."""
    parts, place = [], 0
    while place < len(word):
        for stop in range(min(len(word), place + 4), place + 1, -1):
            if word[place:stop] in known and (place, stop) != (0, len(word)):
                parts.append(word[place:stop])
                place = stop
                break
        else:
            place += 1
    return parts
