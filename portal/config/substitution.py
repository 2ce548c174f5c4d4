"""``${VAR}`` in strings.

``${VAR}`` is the variable's value, without surrounding white space. ``${VAR:-fallback}`` is the fallback where the
variable is unset or empty; an empty fallback counts as none. ``$${VAR}`` is the text ``${VAR}``. A variable that is
unset makes the whole string undefined. Whatever else has a ``$`` is left as it is, ``${{ … }}`` of templates among
it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_REFERENCE = re.compile(r"(\$?\$\{[^{}]*\})")
#: Kubernetes' rule for names of environment variables, which is wider than the shells'.
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


class Unset(NamedTuple):
    """The outcome where a variable has no value: the key that holds the string is left out."""

    variable: str


def substitute(text: str, environ: Mapping[str, str]) -> str | Unset:
    """Return ``text`` with its references replaced. Raise ``ValueError``, with the rule, for a bad variable name."""
    parts = _REFERENCE.split(text)
    for position in range(1, len(parts), 2):
        reference = parts[position]
        if reference.startswith("$$"):
            parts[position] = reference[1:]
            continue
        value = _resolve(reference, environ)
        if isinstance(value, Unset):
            return value
        parts[position] = value
    return "".join(parts)


def variable(name: str, environ: Mapping[str, str]) -> str | Unset:
    """Return a variable's value without surrounding white space. Raise ``ValueError`` for a bad name."""
    if not _VARIABLE.fullmatch(name):
        raise ValueError(
            f"'{name}' is not the name of an environment variable: that has letters, digits and _, and no digit first. "
            f"Correct the name; write ${{NAME:-text}} for a fallback, and $${{…}} if the text is meant literally."
        )
    return environ[name].strip() if name in environ else Unset(name)


def _resolve(reference: str, environ: Mapping[str, str]) -> str | Unset:
    name, separator, fallback = reference[2:-1].partition(":-")
    value = variable(name.strip(), environ)
    if not separator or (value and not isinstance(value, Unset)):
        return value
    return fallback.strip() or Unset(name.strip())
