"""Dotted paths: ``catalog.locations[0].target`` as text, and as the parts that it names.

A part with other characters than letters, digits, ``_``, ``-`` and ``$`` is written in brackets and quotes:
``proxy.endpoints['/echo'].target``. A quote inside is doubled.
"""

from __future__ import annotations

import re
from functools import lru_cache

from portal.config.tree import KeyPath
from portal.errors import ConfigError

_PLAIN = re.compile(r"[A-Za-z0-9_$-]+")
_PART = re.compile(r"(?:^|(?<=.)\.)(?P<name>[^.\[\]]+)|\[(?P<index>\d+)\]|\['(?P<quoted>(?:[^']|'')*)'\]")


@lru_cache(maxsize=4096)
def parse_path(text: str) -> KeyPath:
    """Return the parts of a dotted path; the empty text is the root. Raise ``ConfigError`` for anything else."""
    parts: list[str | int] = []
    end = 0
    while end < len(text):
        match = _PART.match(text, end)
        if match is None:
            raise ConfigError(
                f"'{text}' is not a configuration key: expected dotted names such as catalog.locations[0].target, "
                f"with unusual names in brackets and quotes such as proxy.endpoints['/echo']."
            )
        if match["index"] is not None:
            parts.append(int(match["index"]))
        elif match["quoted"] is not None:
            parts.append(match["quoted"].replace("''", "'"))
        else:
            parts.append(match["name"])
        end = match.end()
    return tuple(parts)


def format_path(path: KeyPath) -> str:
    """Return the text that ``parse_path`` turns into ``path``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += "['{}']".format(part.replace("'", "''"))
    return text


def join(prefix: str, path: str) -> str:
    """Put two dotted paths together; either may be empty."""
    return f"{prefix}.{path}" if prefix and path and not path.startswith("[") else f"{prefix}{path}"
