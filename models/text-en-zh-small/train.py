"""Train the little English–Chinese text network from WordNet: `python train.py <folder with synsets.jsonl.gz>`.

Every word meaning is a document: its English and Chinese words, its definition and examples, and the words of the
meanings around it (hypernyms, hyponyms, topics, parts). The words of both languages thus share documents. A truncated
SVD of the tf-idf matrix (latent semantic analysis: Deerwester et al. 1990) gives each word a vector; a text is the
mean of its words, rare words weighing more. Vectors are kept in four bits a number.

Writes `model.onnx`, `tokenizer.json` and `model.toml` beside this script. Takes a few minutes and 2 GB.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import tokenizers
from factorise import Floats, Sparse, right_singular
from onnx import TensorProto, helper, numpy_helper
from words import (
    CHINESE_STOP,
    ENGLISH_STOP,
    IRREGULAR,
    chinese_lemma,
    chinese_parts,
    english_words,
    inflections,
    lemma,
)

HERE = Path(__file__).resolve().parent
DIMENSION = 192
ENGLISH_ROWS, CHINESE_ROWS, COMPOUND_HEADS = 27_000, 22_500, 5_000
_HAN = re.compile("[\u4e00-\u9fff]+")
_MOST_NEIGHBOURS = 60
Terms = dict[str, float]


def read_meanings(folder: Path) -> list[dict[str, Any]]:
    """The synsets, one dictionary each."""
    with gzip.open(folder / "synsets.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def own_terms(meaning: dict[str, Any], english: set[str], chinese: set[str]) -> Terms:
    """The words that name a meaning. Chinese words carry `#`, single characters inside longer words `@`."""
    terms: Terms = defaultdict(float)
    for name in meaning["en"]:
        parts = [lemma(word, english) for word in english_words(name)]
        for part in parts:
            if len(parts) == 1 or part not in ENGLISH_STOP:
                terms[part] += 1.0 if len(parts) == 1 else 0.6
    for name in map(chinese_lemma, meaning.get("zh", [])):
        if not _HAN.fullmatch(name):
            continue
        terms["#" + name] += 1.0
        if len(name) > 2:
            for part in chinese_parts(name, chinese):
                terms["#" + part] += 0.5
        if len(name) > 1:
            for character in name:
                terms["@" + character] += 0.5
    return terms


def told_terms(meaning: dict[str, Any], english: set[str]) -> Terms:
    """The words that explain a meaning."""
    terms: Terms = defaultdict(float)
    for text, weight in [(meaning["definition"], 1.0), *((example, 0.5) for example in meaning.get("examples", []))]:
        for word in english_words(text):
            stem = lemma(word, english)
            if stem not in ENGLISH_STOP:
                terms[stem] += weight
    return terms


def neighbours(meanings: list[dict[str, Any]]) -> list[dict[int, float]]:
    """For each meaning the meanings around it, with weights."""
    place = {meaning["id"]: number for number, meaning in enumerate(meanings)}
    above = [
        [place[h] for h in (*meaning.get("hypernym", ()), *meaning.get("instance_hypernym", ())) if h in place]
        for meaning in meanings
    ]
    children = Counter(parent for parents in above for parent in parents)
    around: list[dict[int, float]] = [defaultdict(float) for _ in meanings]
    for number, parents in enumerate(above):
        for parent in parents:
            around[number][parent] += 1.0
            # A parent of thousands hears little of each child.
            around[parent][number] += 0.7 * min(1.0, 3.0 / children[parent] ** 0.5)
            for grandparent in above[parent]:
                around[number][grandparent] += 0.5
    for number, meaning in enumerate(meanings):
        for relation, weight in (("domain_topic", 1.5), ("similar", 1.0), ("mero_part", 1.0), ("holo_part", 1.0)):
            for other in (place[name] for name in meaning.get(relation, ()) if name in place):
                around[number][other] += weight
                around[other][number] += 0.6 * weight
    return [dict(sorted(some.items(), key=lambda pair: -pair[1])[:_MOST_NEIGHBOURS]) for some in around]


def vectors_of_words(meanings: list[dict[str, Any]]) -> tuple[dict[str, int], Floats, Floats]:
    """(number of each term, `[terms, DIMENSION]` unit vectors times idf^0.75, document frequency)."""
    english = {name.lower() for m in meanings for name in m["en"] if re.fullmatch("[A-Za-z]+", name)}
    chinese = {chinese_lemma(name) for m in meanings for name in m.get("zh", [])}
    own = [own_terms(meaning, english, chinese) for meaning in meanings]
    told = [told_terms(meaning, english) for meaning in meanings]
    number: dict[str, int] = {}
    rows, columns, weights = [], [], []
    for row, around in enumerate(neighbours(meanings)):
        document: Terms = defaultdict(float)
        for term, weight in own[row].items():
            document[term] += 3 * weight
        for term, weight in told[row].items():
            document[term] += weight
        for other, nearness in around.items():
            for term, weight in own[other].items():
                document[term] += nearness * weight
            if nearness >= 0.5:
                for term, weight in told[other].items():
                    document[term] += 0.3 * nearness * weight
        for term, weight in document.items():
            rows.append(row)
            columns.append(number.setdefault(term, len(number)))
            weights.append(weight)
    row_of, column_of = np.array(rows, np.int32), np.array(columns, np.int32)
    frequency = np.bincount(column_of, minlength=len(number)).astype(np.float32)
    rarity = np.log(len(meanings) / frequency)
    values = np.log1p(np.array(weights, np.float32)) * rarity[column_of]
    lengths = np.sqrt(np.bincount(row_of, values * values, minlength=len(meanings)))
    values = (values / lengths[row_of]).astype(np.float32)
    matrix = Sparse.of(row_of, column_of, values, len(meanings))
    transposed = Sparse.of(column_of, row_of, values, len(number))
    print(f"{len(meanings)} meanings, {len(number)} terms, {len(values)} entries", flush=True)
    vectors, singular = right_singular(matrix, transposed, DIMENSION)
    vectors = vectors * np.sqrt(singular)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
    # What all words share says nothing (Mu and Viswanath, "All-but-the-top", 2018).
    vectors -= vectors[frequency > 20].mean(0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
    return number, (vectors * rarity[:, None] ** 0.75).astype(np.float32), frequency


def choose(number: dict[str, int], vectors: Floats, frequency: Floats, meanings: list[dict[str, Any]]) -> list[str]:
    """The terms that get a row: those that name much or are said often, and no Chinese word that its parts explain."""
    bilingual: Counter[str] = Counter()
    common: set[str] = set()
    for meaning in meanings:
        common.update(name for name in meaning["en"] if name.islower())
        if meaning.get("zh"):
            bilingual.update(name.lower() for name in meaning["en"] if " " not in name)

    def worth(term: str) -> float:
        # Names (of people, places, genera) stand in many lists and are seldom meant by a person who searches.
        weight = 1.0 if term in common or bilingual[term] else 0.2
        return weight * float(frequency[number[term]] + 8 * min(bilingual[term], 5))

    english = [term for term in number if term[0] not in "#@" and len(term) > 1 and term not in ENGLISH_STOP]
    chinese, known = [], {term[1:] for term in number if term[0] == "#"}
    for term in number:
        if term[0] != "#" or term[1:] in CHINESE_STOP or len(term) > 6:
            continue
        parts = chinese_parts(term[1:], known) if len(term) > 3 else []
        if parts and sum(map(len, parts)) == len(term) - 1:
            together = vectors[[number["#" + part] for part in parts]].sum(0)
            own = vectors[number[term]]
            if together @ own > 0.8 * np.linalg.norm(together) * np.linalg.norm(own):
                continue
        chinese.append(term)
    characters = [term for term in number if term[0] == "@" and frequency[number[term]] >= 2]
    return (
        sorted(english, key=worth, reverse=True)[:ENGLISH_ROWS]
        + sorted(chinese, key=lambda term: frequency[number[term]] - 4 * len(term), reverse=True)[:CHINESE_ROWS]
        + characters
    )


def pieces(chosen: list[str]) -> dict[str, int]:
    """The row of each piece of the tokenizer, in the order of their ids. Row 0 is silence.

    `▁` begins a word of letters. Inflected forms share the row of their lemma. Common words also stand without the
    mark, as the second half of a compound ("▁weather" + "man").
    """
    row = {term: place + 1 for place, term in enumerate(chosen)}
    english = [term for term in chosen if term[0] not in "#@"]
    found = {"<unk>": 0, "<pad>": 0, "▁": 0}
    for word in sorted(ENGLISH_STOP):
        found.setdefault("▁" + word, 0)
    for term in english:
        found.setdefault("▁" + term, row[term])
    for form, stem in _forms(english):
        found.setdefault("▁" + form, row.get(stem, 0))
    for term in ("man", "men", *english[:COMPOUND_HEADS]):
        if len(term) > 3 or term in {"man", "men"}:
            found.setdefault(term, row.get(IRREGULAR.get(term, term), 0))
    for ending in ("s", "es", "ed", "d", "ing", "ly", "er", "ers", "ness", "less"):
        found.setdefault(ending, 0)
    for word in sorted(CHINESE_STOP):
        found.setdefault(word, 0)
    for mark in "#@":
        for term in chosen:
            if term[0] == mark:
                found.setdefault(term[1:], row[term])
    return found


def _forms(english: list[str]) -> Iterator[tuple[str, str]]:
    """(inflected form, lemma) of the irregular words and of the commoner two thirds of the others."""
    known = set(english)
    yield from ((form, stem) for form, stem in IRREGULAR.items() if stem in known or stem in ENGLISH_STOP)
    for term in english[: len(english) * 2 // 3]:
        for form in inflections(term) if len(term) > 2 else ():
            # A form that the rules would take for another word's must not be hidden, nor hide.
            if lemma(form, known) == term:
                yield form, term


def write_tokenizer(found: dict[str, int], file: Path) -> None:
    """Longest match from the left, in Chinese runs and in English words alike; a word that does not come out is unknown."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    characters = "".join(sorted({c for piece in found for c in piece if _HAN.fullmatch(c)}))
    known = f"a-z{characters}"
    model = models.WordPiece(
        {piece: number for number, piece in enumerate(found)},
        unk_token="<unk>",
        continuing_subword_prefix="",
        max_input_chars_per_word=60,
    )
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            # What no piece is made of parts words like a space does, so that one strange sign spoils no sentence.
            pre_tokenizers.Split(Regex(f"[^{known}]+"), "removed"),
            # A run of Chinese is cut after 24 characters: the search for the longest match grows with the square.
            pre_tokenizers.Split(Regex(r"[\u4e00-\u9fff]{1,24}"), "isolated"),
            pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=False),
        ]
    )
    tokenizer.enable_padding(pad_id=1, pad_token="<pad>")
    file.write_text(tokenizer.to_str(), encoding="utf-8")


def four_bits(vectors: Floats) -> tuple[np.ndarray, np.ndarray]:
    """(`[rows, DIMENSION / 2]` uint8, `[rows]` float16): column `i` in the low half, `i + DIMENSION / 2` in the high."""
    best = np.full(len(vectors), np.inf)
    codes, scales = np.zeros(vectors.shape, np.int8), np.zeros(len(vectors), np.float32)
    largest = np.abs(vectors).max(1) + 1e-12
    for share in np.linspace(0.5, 1.0, 11):
        scale = largest * share / 7
        code = np.clip(np.rint(vectors / scale[:, None]), -8, 7)
        error = np.square(code * scale[:, None] - vectors).sum(1)
        better = error < best
        best[better], scales[better] = error[better], scale[better]
        codes[better] = code[better]
    half = vectors.shape[1] // 2
    unsigned = (codes + 8).astype(np.uint8)
    return unsigned[:, :half] | (unsigned[:, half:] << 4), scales.astype(np.float16)


def write_graph(found: dict[str, int], vectors: Floats, file: Path) -> None:
    """input_ids, attention_mask → last_hidden_state, and their unit mean as sentence_embedding."""
    codes, scales = four_bits(vectors)
    tables = {
        "row_of": np.array(list(found.values()), np.uint16),
        "codes": codes,
        "scales": scales[:, None],
        "sixteen": np.float32(16),
        "eight": np.float32(8),
        "last": np.array([-1], np.int64),
        "words": np.array([1], np.int64),
        "tiny": np.float32(1e-12),
    }
    make = helper.make_node
    nodes = [
        make("Gather", ["row_of", "input_ids"], ["rows16"]),
        make("Cast", ["rows16"], ["rows"], to=TensorProto.INT64),
        make("Gather", ["codes", "rows"], ["packed8"]),
        make("Cast", ["packed8"], ["packed"], to=TensorProto.FLOAT),
        make("Div", ["packed", "sixteen"], ["shifted"]),
        make("Floor", ["shifted"], ["high"]),
        make("Mul", ["high", "sixteen"], ["high_part"]),
        make("Sub", ["packed", "high_part"], ["low"]),
        make("Concat", ["low", "high"], ["unsigned"], axis=-1),
        make("Sub", ["unsigned", "eight"], ["signed"]),
        make("Gather", ["scales", "rows"], ["scale16"]),
        make("Cast", ["scale16"], ["scale"], to=TensorProto.FLOAT),
        make("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        make("Unsqueeze", ["mask", "last"], ["mask_column"]),
        make("Mul", ["scale", "mask_column"], ["weight"]),
        make("Mul", ["signed", "weight"], ["last_hidden_state"]),
        make("ReduceSum", ["last_hidden_state", "words"], ["sum"], keepdims=0),
        make("ReduceL2", ["sum"], ["length"], axes=[-1], keepdims=1),
        make("Max", ["length", "tiny"], ["safe_length"]),
        make("Div", ["sum", "safe_length"], ["sentence_embedding"]),
    ]
    whole, real = TensorProto.INT64, TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "text-en-zh-small",
        [helper.make_tensor_value_info(name, whole, ["batch", "sequence"]) for name in ("input_ids", "attention_mask")],
        [
            helper.make_tensor_value_info("last_hidden_state", real, ["batch", "sequence", DIMENSION]),
            helper.make_tensor_value_info("sentence_embedding", real, ["batch", DIMENSION]),
        ],
        [numpy_helper.from_array(np.asarray(table), name) for name, table in tables.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    onnx.checker.check_model(model)
    onnx.save(model, file)


def write_card(file: Path) -> None:
    """Put the hashes of what was written into the card, which is otherwise kept by hand."""
    text = file.read_text("utf-8")
    head = text.split("[sha256]")[0].rstrip()
    lines = [
        f'"{name}" = "{hashlib.sha256((HERE / name).read_bytes()).hexdigest()}"'
        for name in ("model.onnx", "tokenizer.json")
    ]
    file.write_text("\n".join([head, "", "[sha256]", *lines, ""]), encoding="utf-8")


def main(folder: Path) -> None:
    """Read, factorise, choose, write."""
    meanings = read_meanings(folder)
    number, vectors, frequency = vectors_of_words(meanings)
    chosen = choose(number, vectors, frequency, meanings)
    table = np.concatenate([np.zeros((1, DIMENSION), np.float32), vectors[[number[term] for term in chosen]]])
    found = pieces(chosen)
    write_graph(found, table, HERE / "model.onnx")
    write_tokenizer(found, HERE / "tokenizer.json")
    write_card(HERE / "model.toml")
    sizes = [(HERE / name).stat().st_size for name in ("model.onnx", "tokenizer.json")]
    print(f"{len(table)} rows, {len(found)} pieces, {sizes} bytes, numpy {np.__version__}, {tokenizers.__version__}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
