"""What changed between two versions of an entity, as a unified diff of their YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

import orjson
import ryaml

#: Unchanged lines around a change.
CONTEXT = 3
#: Two blocks of more lines than this aren't compared line by line: that would take long, and nobody would read it.
MAX_COMPARED = 2000

#: A line with something below it. In a text of several lines, it may be one that looks like it, and tells as much.
_PARENT = re.compile(r"\s*(.+):(?: [|>][-+0-9]*)?")

LineKind = Literal["place", "same", "removed", "added"]
MARKS: dict[LineKind, str] = {"place": "", "same": " ", "removed": "-", "added": "+"}
Opcode = tuple[str, int, int, int, int]


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a diff. ``place`` says where what follows stands: the lines' numbers, and the keys above them."""

    kind: LineKind
    text: str

    def __str__(self) -> str:
        return MARKS[self.kind] + self.text


def entity_diff(before: str | None, after: str | None) -> list[DiffLine]:
    """Compare two stored JSON texts; None is an entity that isn't there.

    ``metadata.uid`` and ``metadata.etag``, which the catalog makes up, are left out.
    """
    old, new = _lines(before), _lines(after)
    lines: list[DiffLine] = []
    for group in _groups(old, new):
        lines.append(DiffLine("place", _place(old, new, group)))
        for tag, old_start, old_end, new_start, new_end in group:
            if tag == "equal":
                lines += (DiffLine("same", text) for text in old[old_start:old_end])
            else:
                lines += (DiffLine("removed", text) for text in old[old_start:old_end])
                lines += (DiffLine("added", text) for text in new[new_start:new_end])
    return lines


def _lines(entity: str | None) -> list[str]:
    if entity is None:
        return []
    value: dict[str, Any] = orjson.loads(entity)
    metadata = {key: field for key, field in value["metadata"].items() if key not in {"uid", "etag"}}
    return ryaml.dumps({**value, "metadata": metadata}).splitlines()


def _groups(old: Sequence[str], new: Sequence[str]) -> Iterator[Sequence[Opcode]]:
    """Yield the changes with their context, those that are close together as one."""
    shortest = min(len(old), len(new))
    head = next((n for n in range(shortest) if old[n] != new[n]), shortest)
    tail = next((n for n in range(shortest - head) if old[-1 - n] != new[-1 - n]), shortest - head)
    # What is the same at both ends is most of it, and needs no comparing.
    start = max(0, head - CONTEXT)
    old_end, new_end = (len(lines) - max(0, tail - CONTEXT) for lines in (old, new))
    if max(old_end, new_end) - start > MAX_COMPARED and min(old_end, new_end) > start:
        yield _as_one(head, len(old) - tail, len(new) - tail, start=start, end=old_end)
        return
    matcher = SequenceMatcher(None, old[start:old_end], new[start:new_end], autojunk=False)
    if any(tag != "equal" for tag, *_ in matcher.get_opcodes()):
        for group in matcher.get_grouped_opcodes(CONTEXT):
            yield [(tag, *(place + start for place in places)) for tag, *places in group]  # type: ignore[misc]


def _as_one(head: int, old_end: int, new_end: int, *, start: int, end: int) -> list[Opcode]:
    same = end - old_end
    return [
        ("equal", start, head, start, head),
        ("replace", head, old_end, head, new_end),
        ("equal", old_end, end, new_end, new_end + same),
    ]


def _place(old: Sequence[str], new: Sequence[str], group: Sequence[Opcode]) -> str:
    """Return the head of a group as ``diff`` writes it, followed by the keys that the first line is below."""
    _, old_start, _, new_start, _ = group[0]
    _, _, old_end, _, new_end = group[-1]
    numbers = f"@@ -{_range(old_start, old_end)} +{_range(new_start, new_end)} @@"
    lines, first = (new, new_start) if new else (old, old_start)
    keys = ".".join(_keys_above(lines, first))
    return f"{numbers} {keys}" if keys else numbers


def _range(start: int, end: int) -> str:
    return f"{start + 1 if end > start else start},{end - start}"


def _keys_above(lines: Sequence[str], position: int) -> list[str]:
    """Return the keys that lead to a line, the outermost first. A list is no further in than the key it belongs to."""
    if position >= len(lines):
        return []
    keys: list[str] = []
    depth, in_list = _depth(lines[position]), _is_item(lines[position])
    for text in reversed(lines[:position]):
        if _depth(text) > depth or (_depth(text) == depth and not in_list):
            continue
        if _is_item(text):
            depth, in_list = _depth(text), True
            continue
        key = _PARENT.fullmatch(text)
        if key is not None:
            depth, in_list = _depth(text), False
            keys.append(key[1].strip("'\""))
    return keys[::-1]


def _depth(text: str) -> int:
    return len(text) - len(text.lstrip())


def _is_item(text: str) -> bool:
    return text.lstrip().startswith("- ")
