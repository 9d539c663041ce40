"""Bytes of unknown encoding to text, for every place where people's files hold words."""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 64 * 1024
_MOST_BAD = 0.02
_HIGH = re.compile(rb"[\x80-\xff]")
_UPPER_EAST = bytes([0x30, *range(0x4E, 0xA0), 0xFF])
"""The upper halves of the codes of Chinese letters, of kana, and of their punctuation."""
_HAN = re.compile("[\u4e00-\u9fff]")
_KANA = re.compile("[\u3041-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
# A third of any Chinese text is these; read by mistake, they come by chance.
_FREQUENT = re.compile(
    "[的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里，。]"
)
_WESTERN = re.compile("[äöüßÄÖÜéèêëàâçîïôûùœñáíóúãõÉÀÇÑÁÓÚÊ¿¡«»°€–—‘’“”…·]")
_NORDIC = re.compile("[åäöæøÅÄÖÆØéÉüðþáíóúý–’“”]")
# The thousand or so characters that make up most of any Chinese text lie in the first level of GB 2312, sorted by
# sound, and in the first plane of Big5, sorted by strokes. A wrong decoding lands in the rare second levels instead.
_COMMON_SIMPLIFIED = range(0xB0, 0xD8)
_COMMON_BIG5 = range(0xA4, 0xC7)


def decode(data: bytes) -> str:
    """Text of `data`: by its mark, as UTF-8, as UTF-16 without a mark, as GBK, Big5 or what else fits best.

    Never fails: bytes that mean nothing become U+FFFD. Line ends become a line feed.
    """
    return _decode(data).replace("\r\n", "\n").replace("\r", "\n")


def find_encoding(data: bytes) -> str:
    """The name of Python's codec for `data`, judged by at most 64 KiB from its first letter beyond ASCII on, after the
    UTF-8 check.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    if data.isascii() and b"\0" not in data[:_SAMPLE]:
        return "utf-8"
    if wide := _wide_without_mark(data[:_SAMPLE]):
        return wide
    if _is_utf8(data):
        return "utf-8"
    found = _HIGH.search(data)
    start = found.start() if found else 0  # the first byte of a character, whatever the encoding
    sample = data[start : start + _SAMPLE]
    high = sum(byte >= 0x80 for byte in sample)
    if max(1, _count_bad_utf8(sample)) * 20 < max(1, high):  # a few broken bytes in what is UTF-8 otherwise
        return "utf-8"
    return _legacy(sample)


def _decode(data: bytes) -> str:
    encoding = find_encoding(data)
    for mark, marked in _MARKS:
        if encoding == marked and data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    return data.decode(encoding, "replace")


def _is_utf8(data: bytes) -> bool:
    """Whether all of it is; a character cut off at the very end is none of another encoding."""
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _count_bad_utf8(sample: bytes) -> int:
    """Bytes that do not belong to UTF-8; a character cut off at the very end does not count."""
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample)
    return text.count("\ufffd") - sample.count("\ufffd".encode())


def _wide_without_mark(sample: bytes) -> str:
    """UTF-16 shows itself by a zero in nearly every other byte of its spaces, digits and Latin letters, and by the few upper
    halves that Chinese has, with a zero at the end of a line.
    """
    even, odd = sample[0::2], sample[1::2]
    if len(even) < 2 or not odd:
        return ""
    zeros_even, zeros_odd = even.count(0) / len(even), odd.count(0) / len(odd)
    if zeros_odd > 0.2 and zeros_even < 0.02:
        return "utf-16-le"
    if zeros_even > 0.2 and zeros_odd < 0.02:
        return "utf-16-be"
    for upper, lower, encoding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        is_upper = _share_east(upper) > 0.3 and _share_east(upper, b"\0") > 0.95
        # Without any zero it may be Shift JIS, whose first bytes are much the same.
        if is_upper and 0 in upper and _share_east(lower, b"\0") < 0.8:
            return encoding
    return ""


def _share_east(halves: bytes, more: bytes = b"") -> float:
    return 1 - len(halves.translate(None, _UPPER_EAST + more)) / len(halves)


def _legacy(sample: bytes) -> str:
    """GBK, Big5, Japanese, Korean or a Western code page, whichever reads most like text.

    Big5 as cp950: what Python calls big5 lacks 裏, 恒 and 碁.
    """
    if _share(sample, "euc_jp", _KANA) > 0.3:
        return "euc_jp"
    gbk, big5 = _fraction_common(sample, "gb18030"), _fraction_common(sample, "cp950")
    if max(gbk, big5) > 0.75:
        if _share(sample, "euc_kr", _HANGUL) > 0.93 and _share(sample, "gb18030", _FREQUENT) < 0.08:
            return "euc_kr"
        return "gb18030" if gbk >= big5 else "cp950"
    if max(_share(sample, "cp1252", letters) for letters in (_WESTERN, _NORDIC)) > 0.95:
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample, threshold=0.3, cp_exclusion=["utf_16", "utf_32", "utf_7"]).best()
    if best is not None and best.encoding != "ascii":
        return best.encoding
    return "gb18030" if gbk > 0.3 else "cp1252"


def _beyond_ascii(sample: bytes, encoding: str) -> list[str]:
    """The characters beyond ASCII of `sample` read as `encoding`; none where that is no text.

    A bad byte here and there is a copy's fault: it makes U+FFFD, which counts as what nobody writes.
    """
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample)
    high = [character for character in text if ord(character) >= 0x80]
    return high if high.count("\ufffd") <= len(high) * _MOST_BAD else []


def _share(sample: bytes, encoding: str, wanted: re.Pattern[str]) -> float:
    """How many of the characters beyond ASCII are `wanted` ones when `sample` is read as `encoding`; 0 if it cannot be."""
    high = _beyond_ascii(sample, encoding)
    return len(wanted.findall("".join(high))) / len(high) if high else 0.0


def _fraction_common(sample: bytes, encoding: str) -> float:
    """How much of the Chinese in `sample`, read as `encoding`, is everyday characters; 0 if it does not decode."""
    high = _beyond_ascii(sample, encoding)
    if not high:
        return 0.0
    target = "gb2312" if encoding == "gb18030" else "cp950"
    leads = _COMMON_SIMPLIFIED if encoding == "gb18030" else _COMMON_BIG5
    common = 0
    for character in high[:4000]:
        if _HAN.match(character):
            encoded = character.encode(target, "ignore")
            common += len(encoded) == 2 and encoded[0] in leads
        else:
            common += character in "，。、；：？！“”‘’（）《》「」『』…—　·－～" or 0xFF00 < ord(character) < 0xFF5F
    return common / min(len(high), 4000)


def find_legacy_chinese(values: list[bytes]) -> str:
    """`gb18030` or `cp950` if bytes that claim to be Western text are Chinese beyond doubt; empty otherwise.

    Accented Western letters, read as Chinese, seldom make everyday characters; and they stand among plain letters,
    where the bytes of GBK come in pairs with each other.
    """
    joined = b"\n".join(values)
    high = sum(byte >= 0x80 for byte in joined)
    if high < 4 and not any(0x80 <= byte < 0xC0 for byte in joined):
        return ""
    gbk = min(_fraction_common(value, "gb18030") for value in values)
    big5 = min(_fraction_common(value, "cp950") for value in values)
    alone = len(re.findall(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])", joined))
    if gbk > 0.7 and gbk >= big5 and alone * 5 <= high:
        return "gb18030"
    # Half of a Big5 character may look like a plain letter. But everyday ones begin with what Latin-1 has signs for,
    # such as ¤ or «, and Western names have no such thing.
    signs = sum(0xA4 <= byte < 0xC0 for byte in joined)
    return "cp950" if big5 > 0.7 and signs * 3 >= high else ""
