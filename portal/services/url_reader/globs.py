"""Patterns in the paths of URLs: ``**/catalog-info.yaml``."""

from __future__ import annotations

import re
from collections.abc import Callable

from wcmatch import glob
from wcmatch._wcparse import PatternLimitException  # the documented error, which no public module offers

from portal.errors import InputError

#: ``*`` and ``?``, alternatives in braces, and groups. Brackets alone are no pattern: folders are named so.
_MAGIC = re.compile(r"[*?]|\{[^{}]*[,.][^{}]*\}|[@+!]\(")
#: Where the part of a pattern ends that can only match itself.
_SPECIAL = re.compile(r"[*?{\[]|[@+!]\(")
_FLAGS = glob.GLOBSTAR | glob.BRACE | glob.EXTGLOB | glob.FORCEUNIX | glob.CASE
#: With more, matching one path can take very long.
MAX_WILDCARDS = 10


def is_pattern(path: str) -> bool:
    """Tell whether a path stands for several files."""
    return _MAGIC.search(path) is not None


def folder_of(pattern: str) -> str:
    """Return the folder in which all matches of a pattern lie, without slash at its end; empty for the root."""
    return _SPECIAL.split(pattern, maxsplit=1)[0].rpartition("/")[0]


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return a test for paths. ``*`` and ``**`` pass over names that begin with a dot. Raises ``InputError``."""
    if len(re.findall(r"\*+", pattern)) > MAX_WILDCARDS:
        raise InputError(f"The pattern {pattern} has more than {MAX_WILDCARDS} wildcards. Use fewer.")
    try:
        compiled = glob.compile(pattern, flags=_FLAGS)
    except (PatternLimitException, re.error) as error:
        raise InputError(f"The pattern {pattern} can't be used: {error}") from error
    return lambda path: bool(compiled.match(path))
