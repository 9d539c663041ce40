"""Read tokens into a query's tree: recursive descent, one method for each rank of binding."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date

from media_assistant.items.query_fields import (
    FIELD_OF,
    NAMES,
    READERS,
    SENSES,
    Unclear,
    read_duration_ms,
)
from media_assistant.items.query_tokens import INVISIBLE, Token, TokenKind, unknown_field
from media_assistant.items.query_tree import (
    Fault,
    InSense,
    Node,
    Not,
    Phrase,
    Piece,
    Then,
    While,
    Words,
    all_of,
    has_moments,
    one_of,
)
from media_assistant.items.query_within import find_within
from media_assistant.items.sentence import Sentence

MOST_TERMS = 64
"""Terms and brackets besides plain words. Each costs a look into the library."""

DEEPEST = 16
"""Brackets inside of brackets; those below are passed over with a fault."""

_SAID_OF_VALUE = 60
_MOST_REMARKS = 5
_INVISIBLE = "".join(INVISIBLE)
_ENDS = (TokenKind.CLOSE, TokenKind.OR)
_TIMES = (TokenKind.THEN, TokenKind.WHILE)


@dataclass(frozen=True, slots=True)
class _Part:
    """What was read, and from where."""

    node: Node | None
    start: int
    end: int


class Parser:
    """A method that finds nothing gives a part without a node, and has said why if that is a fault. Afterwards `faults`,
    `remarks` and `pieces` tell of the text.
    """

    def __init__(self, tokens: list[Token], length: int, today: date) -> None:
        self._today = today
        self.faults: list[Fault] = []
        self.remarks: list[Fault] = []
        self.pieces: list[Piece] = []
        self._tokens = list(self._bounded(tokens, length))
        self._at = 0
        self._end = length
        self._passed_over = 0
        """Brackets that are open, but too deep to count."""
        self._made = 0

    def _bounded(self, tokens: list[Token], length: int) -> Iterator[Token]:
        """All tokens up to the one that is too many, without closing brackets that nothing opens."""
        costly = depth = 0
        for token in tokens:
            depth += (token.kind is TokenKind.OPEN) - (token.kind is TokenKind.CLOSE)
            if depth < 0:
                depth = 0
                self._fault(token.start, token.end, "unopened")
                continue
            costly += token.kind not in (TokenKind.WORD, TokenKind.CLOSE, TokenKind.MINUS, TokenKind.NOT)
            if costly > 2 * MOST_TERMS:
                self._fault(token.start, length, "too_many", limit=MOST_TERMS)
                return
            yield token

    def read_all(self) -> Node | None:
        """The whole text."""
        return self._choice(0, "").node

    # Tokens

    def _peek(self, ahead: int = 0) -> Token | None:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else None

    def _next(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _is_next(self, *kinds: TokenKind) -> bool:
        token = self._peek()
        return token is not None and token.kind in kinds

    def _where(self) -> int:
        """Where the next token begins."""
        token = self._peek()
        return token.start if token is not None else self._end

    def _so_far(self) -> int:
        """Where the last token ended."""
        return self._tokens[self._at - 1].end if self._at else 0

    def _fault(self, start: int, end: int, code: str, **parameters: str | int) -> None:
        self.faults.append(Fault(start, end, Sentence(f"query.{code}", {"at": start + 1, **parameters})))

    def _take_operator(self) -> Token:
        token = self._next()
        self.pieces.append(Piece(token.start, token.end, "operator", token.kind.value))
        return token

    def _is_alone(self, operator: Token) -> None:
        code = "lone_not" if operator.kind in (TokenKind.NOT, TokenKind.MINUS) else "lone_operator"
        self._fault(operator.start, operator.end, code, operator=operator.text)

    # From the loosest to the closest binding

    def _choice(self, depth: int, field: str) -> _Part:
        """`a OR b OR c`, up to a closing bracket or the end."""
        start = self._where()
        found = [self._together(depth, field).node]
        while self._is_next(TokenKind.OR):
            operator = self._take_operator()
            found.append(self._together(depth, field).node)
            if found[-1] is None or found[-2] is None:
                self._is_alone(operator)
        return _Part(one_of([node for node in found if node is not None]), start, self._so_far())

    def _together(self, depth: int, field: str) -> _Part:
        """What stands together; more than one run of it only behind a `within 10s`, which ends its own."""
        start = self._where()
        nodes: list[Node] = []
        while self._peek() is not None and not self._is_next(*_ENDS):
            if nodes and self._is_next(TokenKind.AND):
                operator = self._take_operator()
                if self._peek() is None or self._is_next(*_ENDS, *_TIMES, TokenKind.AND):
                    self._is_alone(operator)
                continue
            node = self._timed(depth, field).node
            if node is not None:
                nodes.append(node)
        return _Part(all_of(nodes), start, self._so_far())

    def _timed(self, depth: int, field: str) -> _Part:
        """`a THEN b WHILE c within 10s`."""
        left = self._run(depth, field, ends_within=False)
        while self._is_next(*_TIMES):
            operator = self._take_operator()
            right = self._run(depth, field, ends_within=True)
            has_within, within_ms = self._read_within()
            if left.node is None or right.node is None:
                self._is_alone(operator)
                left = right if left.node is None else left
            else:
                left = self._timed_pair(operator, left, right, within_ms)
            if has_within and not self._is_next(*_TIMES):
                break
        return left

    def _timed_pair(self, operator: Token, left: _Part, right: _Part, within_ms: int | None) -> _Part:
        assert left.node is not None
        assert right.node is not None
        timeless = [part for part in (left, right) if part.node is not None and not has_moments(part.node)]
        for part in timeless:
            self._fault(part.start, part.end, "no_moment", operator=operator.text)
        if timeless:
            return _Part(all_of([left.node, right.node]), left.start, right.end)
        make = Then if operator.kind is TokenKind.THEN else While
        return _Part(make(left.node, right.node, within_ms), left.start, self._so_far())

    def _run(self, depth: int, field: str, *, ends_within: bool) -> _Part:
        """Terms side by side, with or without AND, up to any other operator; behind THEN also up to `within 10s`."""
        start = self._where()
        nodes: list[Node] = []
        was_word = False
        while (token := self._peek()) is not None and not self._is_next(*_ENDS, *_TIMES):
            if ends_within and nodes and find_within(self._tokens, self._at) is not None:
                break
            if token.kind is TokenKind.AND:
                self._take_operator()
                if not nodes or self._peek() is None or self._is_next(*_ENDS, *_TIMES, TokenKind.AND):
                    self._is_alone(token)
                was_word = False
                continue
            node = self._term(depth, field, takes_within=not ends_within)
            is_word = token.kind is TokenKind.WORD and (field in SENSES or field in NAMES)
            if node is not None and is_word and was_word:
                node = _joined(field, nodes.pop(), node)
            if node is not None:
                nodes.append(node)
            was_word = is_word and node is not None
        return _Part(all_of(nodes), start, self._so_far())

    def _term(self, depth: int, field: str, *, takes_within: bool) -> Node | None:
        """One term or bracket with the refusals before it, and with `takes_within` what stands behind a bracket that holds
        moments in time.
        """
        start, is_not = self._where(), False
        operator: Token | None = None
        while self._is_next(TokenKind.NOT, TokenKind.MINUS):
            is_not = not is_not
            operator = self._next() if self._is_next(TokenKind.MINUS) else self._take_operator()
        token = self._peek()
        if token is None or token.kind in (*_ENDS, *_TIMES, TokenKind.AND):
            if operator is not None:
                self._is_alone(operator)
            return None
        if operator is not None and operator.kind is TokenKind.NOT:
            start = token.start
        if not field:
            self._remark_within()
        self._next()
        match token.kind:
            case TokenKind.FIELD:
                node = self._read_field(token, start, depth, is_inside=bool(field))
            case TokenKind.OPEN:
                node = self._read_bracket(token, depth, field)
                if takes_within and isinstance(node, Then | While) and node.within_ms is None:
                    node = replace(node, within_ms=self._read_within()[1])
            case _:
                is_phrase = token.kind is TokenKind.PHRASE
                if is_phrase and not field:
                    self.pieces.append(Piece(start, token.end, "quote"))
                node = self._make(field, token.text, start, token.end, is_phrase=is_phrase)
                self._remark(token)
        return Not(node) if is_not and node is not None else node

    def _read_bracket(self, opening: Token, depth: int, field: str) -> Node | None:
        if depth >= DEEPEST:
            if not self._passed_over:
                self._fault(opening.start, opening.end, "too_deep", limit=DEEPEST)
            self._passed_over += 1
            return None
        if not field:
            self.pieces.append(Piece(opening.start, opening.end, "bracket"))
        is_empty = self._is_next(TokenKind.CLOSE)
        nodes: list[Node] = []
        while True:
            if (node := self._choice(depth + 1, field).node) is not None:
                nodes.append(node)
            if not self._is_next(TokenKind.CLOSE):
                self._fault(opening.start, opening.end, "unclosed")
                break
            closing = self._next()
            if not self._passed_over:
                if not field:
                    self.pieces.append(Piece(closing.start, closing.end, "bracket"))
                if is_empty:
                    self._fault(opening.start, closing.end, "empty_bracket")
                break
            # It closes one of those that were passed over.
            self._passed_over -= 1
        return all_of(nodes)

    # Fields and values

    def _read_field(self, name: Token, start: int, depth: int, *, is_inside: bool) -> Node | None:
        token = self._peek()
        is_value = token is not None and token.start == name.end and token.kind in (TokenKind.WORD, TokenKind.PHRASE)
        faults_before, pieces_before = len(self.faults), len(self.pieces)
        if token is not None and token.start == name.end and token.kind is TokenKind.OPEN:
            self._next()
            if self._is_next(TokenKind.CLOSE):
                node = self._make(name.text, "", start, self._next().end, is_phrase=False)
            else:
                node = self._read_bracket(token, depth, name.text)
        elif token is not None and is_value:
            self._next()
            is_phrase = token.kind is TokenKind.PHRASE
            node = self._make(name.text, token.text, start, token.end, is_phrase=is_phrase)
        else:
            node = self._make(name.text, "", start, name.end, is_phrase=False)
        # What is inside of its bracket belongs to it.
        del self.pieces[pieces_before:]
        if len(self.faults) == faults_before and not is_inside:
            self.pieces.append(Piece(start, self._so_far(), "field", name.text))
        return node

    def _make(self, field: str, value: str, start: int, end: int, *, is_phrase: bool) -> Node | None:
        value = value.strip()
        if field not in NAMES:
            value = value.strip(_INVISIBLE) or value
        if not field and (not is_phrase or not value):
            return Words(value) if value else None
        if not value:
            self._fault(start, end, "empty_field", field=field)
            return None
        self._made += 1
        if self._made > MOST_TERMS:
            if self._made == MOST_TERMS + 1:
                self._fault(start, self._end, "too_many", limit=MOST_TERMS)
            return None
        if not field:
            return Phrase(value)
        if field in SENSES:
            return InSense(SENSES[field], value, is_phrase)
        try:
            return READERS[field](value, self._today)
        except Unclear as unclear:
            self._fault(start, end, unclear.args[0], value=value[:_SAID_OF_VALUE])
            return None

    def _remark(self, token: Token) -> None:
        """A word that looks like a field which does not exist is looked for as it stands; the person should know."""
        name = unknown_field(token.text) if token.kind is TokenKind.WORD else ""
        if not 2 <= len(name) <= 20 or len(self.remarks) == _MOST_REMARKS:
            return
        close = difflib.get_close_matches(name.casefold(), FIELD_OF, n=1, cutoff=0.75)
        if close or name.isascii():
            code = "query.perhaps_field" if close else "query.unknown_field"
            parameters: dict[str, str | int] = {"at": token.start + 1, "name": name}
            if close:
                parameters["field"] = close[0]
            self.remarks.append(Fault(token.start, token.start + len(name) + 1, Sentence(code, parameters)))

    # Within some time

    def _remark_within(self) -> None:
        """A length of time that follows no THEN or WHILE is looked for as it stands; the person should know."""
        found = find_within(self._tokens, self._at)
        if found is None or len(self.remarks) == _MOST_REMARKS:
            return
        try:
            read_duration_ms(found[1], bare_ms=1000)
        except Unclear:
            return
        start, end = self._where(), self._tokens[self._at + found[0] - 1].end
        said = " ".join(token.text for token in self._tokens[self._at : self._at + found[0]])
        self.remarks.append(Fault(start, end, Sentence("query.lone_within", {"at": start + 1, "value": said})))

    def _read_within(self) -> tuple[bool, int | None]:
        """Whether a `within` stands here, and how long it allows in milliseconds; a bare number is seconds."""
        found = find_within(self._tokens, self._at)
        if found is None:
            return False, None
        start = self._where()
        self._at += found[0]
        try:
            within_ms = read_duration_ms(found[1], bare_ms=1000)
        except Unclear as unclear:
            self._fault(start, self._so_far(), unclear.args[0], value=found[1][:_SAID_OF_VALUE])
            return True, None
        self.pieces.append(Piece(start, self._so_far(), "operator", "within"))
        return True, within_ms


def _joined(field: str, one: Node, other: Node) -> Node:
    """Two words of a field's bracket as one value: both are to be seen, or are one name."""
    match one, other:
        case InSense(sense, before, _), InSense(_, text, _):
            return InSense(sense, f"{before} {text}", is_phrase=False)
        case _:
            words = [str(getattr(each, fields(each)[0].name)) for each in (one, other)]
            return READERS[field](" ".join(words), date.min)
