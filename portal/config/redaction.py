"""Which values are secrets, and blotting them out.

A value is secret where a section declares it, or what it is in, so. Where nobody declares it, its name decides
(``clientSecret``, ``serviceAccountToken``), so that keys of plugins that aren't installed are safe too. The password in
a URL is always secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from portal.config.keys import Key
from portal.config.paths import parse_path
from portal.config.section import Section, all_sections, section_count
from portal.config.tree import JsonObject, JsonValue, KeyPath, leaves

MASK = "***"

_TELLING_NAME = re.compile(
    r"(?:password|passwd|passphrase|secret|token|apikey|privatekey|accesskey|authorization|cookie|credentials?"
    r"|connectionstring|signingkey|encryptionkey)$"
)
_URL_PASSWORD = re.compile(r"(?<=://)([^\s/:@]*):([^\s/@]+)@")
_PATTERN_PART = re.compile(r"\[\]|[^.\[\]]+")


@dataclass(frozen=True)
class Redaction:
    """The secrets of one configuration, as they follow from the sections known when it was made."""

    secrets: frozenset[str]
    tree: JsonValue
    sections: int

    def outdated(self) -> bool:
        """Say whether sections have been declared since."""
        return self.sections != section_count()


def redaction_of(tree: JsonObject) -> Redaction:
    """Find the secrets in ``tree`` by what all sections declare, and make a copy that has them blotted out."""
    rules = SecretRules(all_sections())
    secrets: set[str] = set()
    for path, value in leaves(tree):
        secrets |= _secrets_in(value, whole=rules.is_secret(path))
    return Redaction(frozenset(text for text in secrets if len(text) > 1), rules.redacted(tree), section_count())


class SecretRules:
    """Decides by its path whether a value is secret."""

    def __init__(self, sections: Iterable[type[Section]]) -> None:
        self._secret: set[KeyPath] = set()
        self._plain: set[KeyPath] = set()
        #: Secret with everything below.
        self._deep: set[KeyPath] = set()
        for section in sections:
            for key in section.declared_keys():
                self._declare(parse_path(key.full_path(section)), key)

    def _declare(self, path: KeyPath, key: Key[object]) -> None:
        if key.deep_visibility == "secret":
            self._deep.add(path)
        if key.visibility == "secret":
            self._secret.add(path)
        elif not key.holds_tree:
            self._plain.add(path)
        self._secret.update((*path, *_PATTERN_PART.findall(inside)) for inside in key.secrets)

    def is_secret(self, path: KeyPath) -> bool:
        """Say whether the value at ``path``, which holds no other, is secret."""
        while path and isinstance(path[-1], int) and not self.is_declared_secret(path):
            # A list of secrets is declared, or named, as a whole.
            path = path[:-1]
        if self.is_declared_secret(path):
            return True
        if not path or path in self._plain:
            return False
        return _TELLING_NAME.search(re.sub(r"[^a-z]", "", str(path[-1]).lower())) is not None

    def is_declared_secret(self, path: KeyPath) -> bool:
        """Say whether a section declares the value at ``path``, or something that it is in, a secret."""
        if any(path[: len(outer)] == outer for outer in self._deep):
            return True
        return any(len(pattern) == len(path) and all(map(_fits, pattern, path)) for pattern in self._secret)

    def redacted(self, value: JsonValue, path: KeyPath = ()) -> JsonValue:
        """Return a copy of ``value``, which stands at ``path``, with ``***`` for each secret."""
        if isinstance(value, dict):
            return {name: self.redacted(member, (*path, name)) for name, member in value.items()}
        if isinstance(value, list):
            return [self.redacted(item, (*path, position)) for position, item in enumerate(value)]
        if value is not None and not isinstance(value, bool) and self.is_secret(path):
            return MASK
        return _URL_PASSWORD.sub(rf"\1:{MASK}@", value) if isinstance(value, str) else value


def _fits(pattern: str | int, part: str | int) -> bool:
    return pattern == part or pattern == ("[]" if isinstance(part, int) else "*")


def _secrets_in(value: JsonValue, *, whole: bool) -> set[str]:
    """Return the secrets that a value is or holds. Booleans and nulls tell nothing."""
    if value is None or isinstance(value, bool):
        return set()
    text = str(value).strip()
    found = {text} if whole else set()
    for match in _URL_PASSWORD.finditer(text):
        found |= {match[2], unquote(match[2])}
    return found
