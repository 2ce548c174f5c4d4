"""What can happen in a source host, whatever its webhooks look like. Types and shapes are Backstage's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from portal.errors import InputError

SUBJECTS = ("location", "repository")
VERBS = ("created", "updated", "deleted", "moved")


@dataclass(frozen=True)
class ScmEvent:
    """Something that happened to a file, the ``location``, or to a ``repository``."""

    subject: str
    verb: str
    #: Where it is, or was until it was deleted.
    url: str
    #: Where it was before it was moved.
    former: str | None = None

    @classmethod
    def read(cls, value: Any) -> Self:
        """Read ``{type, url}``, or ``{type, fromUrl, toUrl}`` for a move. Raises ``InputError``."""
        if not isinstance(value, Mapping):
            raise InputError("An SCM event must be an object.")
        subject, _, verb = str(value.get("type")).partition(".")
        if subject not in SUBJECTS or verb not in VERBS:
            raise InputError(f"An SCM event can't be of the type {value.get('type')!r}.")
        names = ("fromUrl", "toUrl") if verb == "moved" else ("url",)
        urls = [str(value.get(name)) for name in names]
        if not all("://" in url for url in urls):
            raise InputError(f"An SCM event {subject}.{verb} needs URLs in {' and '.join(names)}.")
        return cls(subject, verb, urls[-1], urls[0] if verb == "moved" else None)
