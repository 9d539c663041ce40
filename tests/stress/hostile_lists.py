"""Subtitles and lyrics beside a sound of their own, and playlists that lead in circles or out of their folder."""

from __future__ import annotations

from tests.e2e.odd_files import song
from tests.stress.hostile_corpus import Corpus

_SRT = "".join(f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\nThe lighthouse number {n}\n\n" for n in range(1, 40))
_VTT = "WEBVTT\n\n" + _SRT.replace(",", ".")
_LRC = "[ti:Harbour]\n" + "".join(f"[00:{n:02}.00]The <00:{n:02}.50>lighthouse {n}\n" for n in range(1, 40))
_ASS = (
    "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\nStyle: Default,Arial,20\n\n[Events]\n"
    "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    + "".join(
        f"Dialogue: 0,0:00:{n:02}.00,0:00:{n:02}.90,Default,,0,0,0,,The {{\\i1}}lighthouse{{\\i0}} {n}\n"
        for n in range(1, 40)
    )
)
SUBTITLES = {
    "srt": _SRT,
    "vtt": _VTT,
    "lrc": _LRC,
    "ass": _ASS,
    "ssa": _ASS.replace("V4+", "V4").replace("v4.00+", "v4.00"),
}


def put_lists(corpus: Corpus) -> None:
    """Subtitles, then playlists."""
    for form, text in SUBTITLES.items():
        corpus.put_damaged("subtitles", form, f".{form}", text.encode())
    for what, (suffix, data) in _subtitle_lies().items():
        corpus.put("subtitles", what, suffix, data)
    for number, each in enumerate([file for file in corpus.files if file.reader == "subtitles"]):
        song(each.path.with_suffix(".wav"), 0.4 + number / 16_000)
    _put_playlists(corpus)


def _subtitle_lies() -> dict[str, tuple[str, bytes]]:
    nines = "9" * 5000
    bomb = "<?xml version='1.0'?><!DOCTYPE tt [<!ENTITY a 'aaaaaaaa'>" + "".join(
        f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9)
    )
    found: dict[str, tuple[str, str]] = {
        "srt of the year 10000": (".srt", "1\n99999999:00:00,000 --> 99999999999:00:00,000\nlater\n"),
        "srt of 5000 digits": (".srt", f"1\n{nines}:00:00,000 --> {nines}:00:01,000\nnever\n"),
        "srt that ends before it begins": (".srt", "1\n01:00:00,000 --> 00:00:01,000\nback\n"),
        "srt of minutes above 60": (".srt", "1\n00:99:99,9 --> 00:99:99,99\nodd\n"),
        "srt of one cue of 5 MB": (".srt", "1\n00:00:01,000 --> 00:00:02,000\n" + "lighthouse " * 450_000),
        "srt of a hundred thousand cues": (".srt", "1\n00:00:01,000 --> 00:00:02,000\nla\n\n" * 100_000),
        "srt of arrows": (".srt", "00:00:01,000 --> 00:00:02,000\n" + " --> " * 300_000),
        "srt of open brackets": (".srt", "1\n00:00:01,000 --> 00:00:02,000\n" + "<" * 300_000 + "{\\" * 300_000 + "la"),
        "srt of spaces": (".srt", " " * 300_000 + "-->" + "\n00:00:01,000 --> 00:00:02,000\nla"),
        "vtt of nothing": (".vtt", "WEBVTT\n"),
        "vtt with a script": (".vtt", "WEBVTT\n\nSTYLE\n::cue{background:url(http://127.0.0.1:9/x)}\n\n00:01.000 --> 00:02.000\n<script>x</script>la\n"),
        "vtt of zeros": (".vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nl\0a\0\n"),
        "lrc of a hundred thousand lines": (".lrc", "[00:01.00]la\n" * 100_000),
        "lrc of a hundred thousand times a line": (".lrc", "[00:01.00]" * 100_000 + "la"),
        "lrc of many times and long words": (".lrc", "".join(f"[00:{n % 60:02}.00]" for n in range(20_000)) + "lighthouse " * 20_000),
        "lrc of word times": (".lrc", "[00:01.00]" + "<00:01.00>la " * 100_000),
        "lrc of a wild offset": (".lrc", f"[offset:{nines}]\n[00:01.00]la\n"),
        "lrc shifted by a million years": (".lrc", "[offset:-99999999999999999999]\n[00:01.00]la\n"),
        "lrc of brackets": (".lrc", "[00:01.00]la\n" + "[" * 500_000),
        "ass of wild times": (".ass", SUBTITLES["ass"].replace("0:00:01.00", f"{'9' * 400}:00:01.00")),
        "ass of no events": (".ass", "[Script Info]\n"),
        "ass of a hundred thousand fields": (".ass", "[Script Info]\n[Events]\nFormat: " + "a," * 100_000 + "Text\nDialogue: " + "0," * 100_000 + "la\n"),
        "ass with a font in it": (".ass", SUBTITLES["ass"] + "\n[Fonts]\nfontname: x.ttf\n" + "M" * 100_000),
        "ass of brackets": (".ass", SUBTITLES["ass"] + "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,," + "{\\" * 200_000),
        "micro dvd of a wild frame": (".srt", "{0}{25}la\n{" + "9" * 300 + "}{" + "9" * 300 + "}never\n"),
        "mpl of a wild time": (".srt", "[0][25]la\n[" + "9" * 300 + "][" + "9" * 300 + "]never\n"),
        "tmp of a wild time": (".srt", "00:00:01:la\n" + "9" * 300 + ":00:02:never\n"),
        "timed text with entities upon entities": (".srt", bomb + "]><tt><body><div><p begin='1s' end='2s'>&j;</p></div></body></tt>"),
        "sami": (".srt", "<SAMI><BODY>" + "<SYNC Start=1><P>la" * 30_000),
    }  # fmt: skip
    made = {what: (suffix, text.encode()) for what, (suffix, text) in found.items()}
    made["srt in utf-16 with half a letter"] = (".srt", b"\xff\xfe" + _SRT.encode("utf-16-le") + b"\x00\xd8\x31")
    made["srt of all bytes"] = (".srt", b"1\n00:00:01,000 --> 00:00:02,000\n" + bytes(range(256)))
    made["srt that is a photo"] = (".srt", b"\xff\xd8\xff\xe0" + bytes(3000))
    return made


def _put_playlists(corpus: Corpus) -> None:
    folder = corpus.folder / "playlist"
    folder.mkdir(parents=True, exist_ok=True)
    song(folder / "heard.wav", 0.377)
    corpus.put_damaged("playlist", "m3u", ".m3u", b"#EXTM3U\n#EXTINF:1,Heard\nheard.wav\n" + b"# a remark\n" * 60)
    corpus.put("playlist", "itself", ".m3u", b"itself.m3u\nheard.wav\n./itself.m3u\n")
    for number in range(3):
        corpus.put("playlist", f"circle {number}", ".m3u", f"circle {(number + 1) % 3}.m3u\nheard.wav\n".encode())
    for number in range(1500):
        (folder / f"chain {number:04}.m3u").write_text(f"chain {number + 1:04}.m3u\n")
    corpus.put("playlist", "chain 1500", ".m3u", b"heard.wav\n")
    away = corpus.address
    for what, text in {
        "the whole disk": "/\n..\n../..\n.\nfile:///\n",
        "the network": f"{away}/a.mp3\nftp://127.0.0.1/a\nrtsp://127.0.0.1/x\n{away}/list.m3u\n",
        "another computer": "\\\\127.0.0.1\\share\\a.mp3\n//127.0.0.1/share/a.mp3\nfile://127.0.0.1/share/a.mp3\n",
        "devices": "/dev/zero\n/dev/random\n/dev/stdin\n/proc/self/mem\n/proc/self/environ\n/dev/tty\n",
        "half an address": "file://[\nfile://[::1\nfile://%\nfile:\nfile://\nfile:%00\nhttp://[\n",
        "long lines": "x" * 5000 + "\n" + "y/" * 3000 + "\n" + "heard.wav\n" + "z" * 1_000_000,
        "backslashes": "..\\..\\..\\" + "a\\" * 3000 + "x\n" + "b" * 300 + "\\c\n",
        "zeros": "he\0ard.wav\n\0\nheard.wav\n",
        "many lines": "".join(f"gone {number}.mp3\n" for number in range(120_000)),
        "the same line": "heard.wav\n" * 400_000,
        "escapes": "\x1b[2J\x07gone.mp3\n\u202egnos.mp3\n",
        "wild lengths": "#EXTM3U\n#EXTINF:" + "9" * 5000 + ",x\nheard.wav\n",
        "nothing": "\n",
        "remarks": "#\n" * 100_000,
    }.items():
        corpus.put("playlist", f"of {what}", ".m3u8", text.encode("utf-8", "surrogateescape"))
    corpus.put(
        "playlist",
        "that is a film",
        ".m3u",
        lambda file: file.write_bytes((corpus.samples / "journey.mp4").read_bytes()[:30_000]),
    )
    corpus.put("playlist", "of 20 MB", ".m3u", b"a.mp3\n" * 3_400_000)
    corpus.put("playlist", "in utf-16", ".m3u", "\ufeffheard.wav\n一.mp3\n".encode("utf-16"))
