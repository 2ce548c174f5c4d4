"""Query parameters. Routes read them strictly: what isn't known, or isn't of its type, is the client's error.

Pages take what makes sense: a list is better than an error about its address.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from django.http import HttpRequest

from portal.errors import InputError

INTEGER = re.compile(r"-?\d{1,30}", re.ASCII)
#: The largest number of rows that every database can count.
MAXIMUM = 2**31 - 1


def whole_number(text: str | None, *, default: int = 0) -> int:
    """Return the number that a page's address gives, ``default`` for what is none.

    No page, row or pixel has a number of more than nine digits, and Python refuses to read thousands of them.
    """
    return int(text) if text and text.isdecimal() and len(text) < 10 else default


class QueryParams:
    """The parameters of one request. ``filter[]=…`` counts as ``filter=…``, as in Backstage.

    Raises ``InputError`` at once for a name that isn't in ``allowed``; each reader raises one for a value of another
    type.
    """

    def __init__(self, request: HttpRequest, *, allowed: Collection[str]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, values in request.GET.lists():
            plain = re.sub(r"\[\d*\]$", "", name)
            if plain not in allowed:
                known = ", ".join(sorted(allowed)) or "none"
                raise InputError(f"Unknown query parameter '{plain}'; this route takes: {known}.")
            self._values.setdefault(plain, []).extend(str(value) for value in values)

    def has(self, name: str) -> bool:
        """Say whether the parameter was given at all."""
        return name in self._values

    def list(self, name: str, *, split: bool = False) -> list[str]:
        """Return every value, empty ones left out. All of them empty is an error: something was meant.

        With ``split``, commas part values too.
        """
        given = self._values.get(name, [])
        values = [value for value in given if value]
        if given and not values:
            raise InputError(f"Empty value found for query parameter '{name}'.")
        if split:
            return [part.strip() for value in values for part in value.split(",") if part.strip()]
        return values

    def text(self, name: str) -> str | None:
        """Return the one value, or None. Several, or an empty one, are errors."""
        if name not in self._values:
            return None
        values = self._values[name]
        if len(values) > 1:
            raise InputError(f"Query parameter '{name}' may be given once only.")
        if not values[0]:
            raise InputError(f"Empty value found for query parameter '{name}'.")
        return values[0]

    def integer(self, name: str, *, minimum: int = 0) -> int | None:
        """Return a whole number of at least ``minimum``, or None if it wasn't given."""
        if name not in self._values:
            return None
        values = self._values[name]
        if len(values) > 1 or not INTEGER.fullmatch(values[0]):
            raise InputError(f"Query parameter '{name}' must be one whole number.")
        number = int(values[0])
        if number < minimum:
            raise InputError(f"Query parameter '{name}' must be at least {minimum}.")
        if number > MAXIMUM:
            raise InputError(f"Query parameter '{name}' must be at most {MAXIMUM}.")
        return number

    def choice(self, name: str, choices: Sequence[str], *, default: str) -> str:
        """Return one of a few words, ``default`` if it wasn't given."""
        value = self._values.get(name, [default])
        if len(value) > 1 or value[0] not in choices:
            raise InputError(f"Query parameter '{name}' must be one of: {', '.join(choices)}.")
        return value[0]
