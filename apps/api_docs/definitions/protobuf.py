"""Protocol buffers, as far as an outline of a gRPC API needs them: services, messages and enums with their comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from apps.api_docs.definitions.reference import Entry, Fact, Field, Fields, Part, Reference, Text
from portal.errors import InputError

#: Messages in messages.
MAX_NESTING = 32

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    | (?P<comment>//[^\n]*|/\*.*?\*/)
    | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    | (?P<word>\.?[A-Za-z_][\w.]*|[+-]?[\w.]+)
    | (?P<sign>[{}\[\]()<>;=,:/+-])
    """,
    re.VERBOSE | re.DOTALL,
)
_CLOSED_BY = {"{": "}", "[": "]", "(": ")", "<": ">"}
_LABELS = frozenset({"optional", "required", "repeated"})
#: Statements of a message that say nothing about its fields.
_PASSED_OVER = frozenset({"option", "reserved", "extensions", "import", "package", "syntax", "edition"})


def read_protobuf(definition: str) -> Reference:
    """Return the outline. Raises ``InputError`` naming the line at which it can't be read."""
    reader = _Reader(definition)
    reader.file()
    facts = [Fact("Package", (reader.package,))] if reader.package else []
    if reader.imports:
        facts.append(Fact("Imports", tuple(reader.imports)))
    noun = "methods" if reader.methods else "types"
    return Reference(
        format=f"gRPC, {reader.syntax}" if reader.syntax else "gRPC",
        facts=facts,
        entries=[*reader.methods, *reader.types],
        noun=noun,
    )


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    line: int
    #: The comment that stands right before it.
    comment: str = ""


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self.package = ""
        self.syntax = ""
        self.imports: list[str] = []
        self.methods: list[Entry] = []
        self.types: list[Entry] = []

    def file(self) -> None:
        """Read everything."""
        while (token := self._next()) is not None:
            match token.text:
                case "syntax" | "edition":
                    self._expect("=")
                    self.syntax = self._take().text.strip("\"'")
                    self._skip()
                case "package":
                    self.package = self._take().text
                    self._skip()
                case "import":
                    words = list(self._until(";"))
                    self.imports += [word.strip("\"'") for word in words if word[:1] in {'"', "'"}]
                case "service":
                    self._service()
                case "message":
                    self._message(token.comment, ())
                case "enum":
                    self._enum(token.comment, ())
                case ";":
                    pass
                case "option" | "extend":
                    self._skip()
                case other:
                    raise InputError(f"line {token.line}: '{other[:40]}' begins nothing that a .proto file may have.")

    def _service(self) -> None:
        service = self._take().text
        self._expect("{")
        while (token := self._take()).text != "}":
            if token.text != "rpc":
                self._skip(token)
                continue
            name = self._take().text
            request = " ".join(self._in_parentheses())
            self._expect("returns")
            response = " ".join(self._in_parentheses())
            self._skip()
            rows = (Field("takes", type=request), Field("returns", type=response))
            self.methods.append(
                Entry(
                    name,
                    badge="rpc",
                    tone="post",
                    group=service,
                    summary=token.comment.partition("\n")[0] or f"{request} → {response}",
                    parts=partial(_parts, "Messages", rows, token.comment),
                )
            )

    def _message(self, comment: str, outer: tuple[str, ...]) -> None:
        if len(outer) >= MAX_NESTING:
            raise InputError(f"The definition has messages in each other, more than {MAX_NESTING} deep.")
        path = (*outer, self._take().text)
        place = len(self.types)
        rows: list[Field] = []
        self._expect("{")
        self._fields(rows, path)
        self.types.insert(place, _type(path, "message", comment, "Fields", rows))

    def _fields(self, rows: list[Field], path: tuple[str, ...], group: str = "") -> None:
        while (token := self._take()).text != "}":
            match token.text:
                case "message":
                    self._message(token.comment, path)
                case "enum":
                    self._enum(token.comment, path)
                case "oneof":
                    name = self._take().text
                    self._expect("{")
                    self._fields(rows, path, name)
                case ";":
                    pass
                case word if word in _PASSED_OVER or word == "extend":
                    self._skip(token)
                case _:
                    rows.append(self._field(token, group))

    def _field(self, first: _Token, group: str) -> Field:
        label = first.text if first.text in _LABELS else ""
        token = self._take() if label else first
        type_name = token.text
        if type_name == "map" and self._peek() == "<":
            self._take()
            type_name = f"map<{''.join(self._until('>')).replace(',', ', ')}>"
        name = self._take().text
        self._expect("=")
        number = self._take().text
        options = list(self._until(";"))
        deprecated = any(options[place : place + 3] == ["deprecated", "=", "true"] for place in range(len(options)))
        rules = (f"number {number}", *([f"one of {group}"] if group else []))
        type_name = f"{label} {type_name}".strip()
        return Field(
            name, type_name, first.comment, is_required=label == "required", is_deprecated=deprecated, rules=rules
        )

    def _enum(self, comment: str, outer: tuple[str, ...]) -> None:
        path = (*outer, self._take().text)
        rows = []
        self._expect("{")
        while (token := self._take()).text != "}":
            if token.text == ";":
                continue
            if token.text in _PASSED_OVER:
                self._skip(token)
                continue
            self._expect("=")
            number = self._take().text
            self._skip()
            rows.append(Field(token.text, note=token.comment, rules=(f"number {number}",)))
        self.types.append(_type(path, "enum", comment, "Values", rows))

    def _in_parentheses(self) -> Iterator[str]:
        self._expect("(")
        yield from self._until(")")

    def _until(self, end: str) -> Iterator[str]:
        while (token := self._take()).text != end:
            yield token.text

    def _skip(self, token: _Token | None = None) -> None:
        """Pass over the rest of a statement: up to its semicolon, or to the end of its block."""
        while (token := token or self._take()).text != ";":
            if token.text in _CLOSED_BY and self._pass_over(token.text) == "{" and self._peek() != ";":
                return
            token = None

    def _pass_over(self, opened: str) -> str:
        open_ones = [opened]
        while open_ones:
            sign = self._take().text
            if sign in _CLOSED_BY:
                open_ones.append(sign)
            elif sign == _CLOSED_BY[open_ones[-1]]:
                open_ones.pop()
        return opened

    def _next(self) -> _Token | None:
        if self._at == len(self._tokens):
            return None
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self) -> _Token:
        token = self._next()
        if token is None:
            raise InputError("The definition ends in the middle of something; is a '}' or a ';' missing?")
        return token

    def _peek(self) -> str:
        return self._tokens[self._at].text if self._at < len(self._tokens) else ""

    def _expect(self, text: str) -> None:
        token = self._take()
        if token.text != text:
            raise InputError(f"line {token.line}: '{token.text[:40]}' stands where '{text}' is expected.")


def _tokens(text: str) -> Iterator[_Token]:
    at, line, comment = 0, 1, ""
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise InputError(f"line {line}: {text[at]!r} can't stand here.")
        found = match[0]
        if match.lastgroup == "comment":
            comment = f"{comment}\n{_words(found)}".strip()
        elif match.lastgroup == "space":
            # A blank line parts a comment from what follows.
            comment = "" if found.count("\n") > 1 else comment
        else:
            yield _Token(found, line, comment)
            comment = ""
        line += found.count("\n")
        at = match.end()


def _words(comment: str) -> str:
    lines = comment.removeprefix("/*").removesuffix("*/").splitlines()
    return "\n".join(line.strip().lstrip("/*").strip() for line in lines).strip()


def _type(path: tuple[str, ...], badge: str, comment: str, title: str, rows: list[Field]) -> Entry:
    summary = comment.partition("\n")[0]
    parts = partial(_parts, title, rows, comment)
    return Entry(".".join(path), badge=badge, tone="type", group="Types", summary=summary, parts=parts)


def _parts(title: str, rows: list[Field] | tuple[Field, ...], comment: str) -> Iterator[Part]:
    if comment:
        yield Text(comment)
    yield Fields(title, rows)
