"""Reading definitions that are YAML or JSON, and taking values out of them whatever is there."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import Any

import orjson
import ryaml

from portal.entities import parse_documents
from portal.errors import InputError

#: Bytes of a definition that is read and drawn; of a larger one only the text is shown.
MAX_DRAWN = 1_000_000
#: References that are followed one after the other before they are taken for a ring.
MAX_HOPS = 20


@lru_cache(maxsize=8)
def load_document(text: str) -> dict[str, Any]:
    """Return the object that a definition holds; nobody may change it. Raises ``InputError`` naming what is wrong.

    The last few are kept: somebody who looks at an API looks at it again.
    """
    if text.lstrip().startswith("{"):
        # YAML has objects in braces too, and a better message for what is wrong.
        with suppress(orjson.JSONDecodeError):
            return mapping(orjson.loads(text))
    documents = parse_documents(text)
    if not documents:
        raise InputError("The definition is empty.")
    first = documents[0]
    if first.error is not None:
        raise first.error
    if not isinstance(first.value, dict):
        raise InputError("The definition isn't an object; its first line should say what it is, as 'openapi: 3.0.0'.")
    return first.value


def guessed_language(text: str) -> str:
    """Return what a text seems to be written in, by the name that Pygments has for it; empty if it isn't clear."""
    start = text[:200].lstrip()
    if start.startswith(("{", "[")):
        return "json"
    return "xml" if start.startswith("<") else ""


def is_readable(text: str) -> bool:
    """Say whether a definition is YAML or JSON that can be read, and short enough to be."""
    if len(text) > MAX_DRAWN:
        return False
    try:
        load_document(text)
    except InputError:
        return False
    return True


def rewritten(text: str, language: str) -> str:
    """Return a definition in JSON or YAML, whichever it was written in. Raises ``InputError``."""
    value = load_document(text)
    return ryaml.dumps(value) if language == "yaml" else shown(value)


def shown(value: Any) -> str:
    """Return a value as people write it: a text as it is, anything else as indented JSON."""
    if isinstance(value, str):
        return value
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS, default=str).decode()


def brief(value: Any) -> str:
    """Return a value on one line."""
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()


def mapping(value: Any) -> dict[str, Any]:
    """Return an object, empty if it is anything else."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """Return a list, empty if it is anything else."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """Return a text, or a number as one; empty for anything else."""
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, str | int | float) else ""


class Pointers:
    """Follows the references (``{"$ref": "#/…"}``) of a document within that document."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root

    def follow(self, value: Any) -> tuple[dict[str, Any], str]:
        """Return the object that a value stands for, and the last reference on the way; empty if it isn't there."""
        ref = ""
        for _ in range(MAX_HOPS):
            pointer = mapping(value).get("$ref")
            if not isinstance(pointer, str):
                return mapping(value), ref
            ref, value = pointer, self._at(pointer)
        return {}, ref

    def _at(self, pointer: str) -> Any:
        if not pointer.startswith("#/"):
            return None
        value: Any = self._root
        for part in pointer[2:].split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            value = mapping(value).get(key)
        return value


def name_of(ref: str) -> str:
    """Return what a reference leads to, as people call it: the last part of its path."""
    return ref.rpartition("/")[2].replace("~1", "/").replace("~0", "~") or ref
