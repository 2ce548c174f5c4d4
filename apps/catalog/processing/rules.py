"""Catalog rules: which kinds may be emitted by what comes from which location.

``catalog.rules`` replaces the default (Component, API, Location) as a whole; the ``rules`` of an entry of
``catalog.locations`` add to it for that location alone. Rules are a union: one that allows is enough, none forbids.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from wcmatch import glob

from apps.catalog.conf import DEFAULT_RULES, CatalogConf
from apps.catalog.processing.locations import configured_locations
from portal.config import REQUIRED, Config
from portal.entities import Entity, LocationRef

#: The dialect of ``pattern``: ``**`` crosses slashes, ``*`` doesn't; case is ignored, dots are nothing special.
PATTERN_FLAGS = (
    glob.GLOBSTAR
    | glob.BRACE
    | glob.EXTGLOB
    | glob.IGNORECASE
    | glob.DOTGLOB
    | glob.FORCEUNIX
    | glob.NEGATE
    | glob.NEGATEALL
)


@dataclass(frozen=True, slots=True)
class Allowed:
    """A kind that a rule allows, perhaps of one ``spec.type`` only. Both are lowercase."""

    kind: str
    spec_type: str | None = None


@dataclass(frozen=True, slots=True)
class LocationMatcher:
    """A location that a rule is about: a type, and either its exact target, or a pattern of it, or any."""

    type: str
    exact: str | None = None
    pattern: glob.WcMatcher[str] | None = None

    def matches(self, location: LocationRef) -> bool:
        """Tell whether the location is meant."""
        if self.type != location.type:
            return False
        if self.exact is not None:
            return self.exact == location.target
        return self.pattern is None or self.pattern.match(location.target)


@dataclass(frozen=True, slots=True)
class Rule:
    """Kinds, and the locations they may come from; ``locations`` None means from anywhere."""

    allow: tuple[Allowed, ...]
    locations: tuple[LocationMatcher, ...] | None = None

    def applies_to(self, location: LocationRef) -> bool:
        """Tell whether the rule is about that location."""
        return self.locations is None or any(matcher.matches(location) for matcher in self.locations)


class Permitted:
    """What may come from one location: kinds, some of them narrowed to a ``spec.type``."""

    def __init__(self, allowed: Iterable[Allowed]) -> None:
        self._pairs = {(one.kind, one.spec_type) for one in allowed}

    def __contains__(self, entity: Entity) -> bool:
        kind = entity["kind"].lower()
        if (kind, None) in self._pairs:
            return True
        spec = entity.get("spec")
        spec_type = spec.get("type") if isinstance(spec, dict) else None
        return isinstance(spec_type, str) and (kind, spec_type.lower()) in self._pairs

    def __str__(self) -> str:
        """Return the kinds as a sentence needs them."""
        words = [f"{kind} of type {type_}" if type_ else kind for kind, type_ in self._pairs]
        return ", ".join(sorted(words)) or "none"


class CatalogRules:
    """All rules in force."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)

    @classmethod
    def from_conf(cls, conf: CatalogConf) -> CatalogRules:
        """Read the rules from the configuration. Raises ``ConfigError`` naming the key and what is wrong with it."""
        if conf.has("rules"):
            rules = [_rule(form) for form in conf.config.children("catalog.rules")]
        else:
            rules = [Rule(_to_allowed(form["allow"])) for form in DEFAULT_RULES]
        for location, form in configured_locations(conf):
            matcher = LocationMatcher(location.type, exact=location.target)
            rules += [Rule(_allow(rule), (matcher,)) for rule in form.children("rules")]
        return cls(rules)

    def permitted(self, origin: LocationRef) -> Permitted:
        """Return what may be emitted by entities that a registered location led to."""
        return Permitted(allowed for rule in self.rules if rule.applies_to(origin) for allowed in rule.allow)


def _rule(form: Config) -> Rule:
    locations = tuple(map(_matcher, form.children("locations"))) if form.has("locations") else None
    return Rule(_allow(form), locations)


def _allow(form: Config) -> tuple[Allowed, ...]:
    return form.read("allow", REQUIRED, _to_allowed)


def _to_allowed(value: Any) -> tuple[Allowed, ...]:
    if not isinstance(value, list):
        raise ValueError("must be a list of kinds, such as [Component, API].")
    return tuple(map(_one_allowed, value))


def _one_allowed(item: Any) -> Allowed:
    if isinstance(item, str):
        return Allowed(item.lower())
    if isinstance(item, dict) and isinstance(item.get("kind"), str):
        spec_type = item.get("spec.type")
        if spec_type is None or isinstance(spec_type, str):
            return Allowed(item["kind"].lower(), spec_type.lower() if spec_type else None)
    raise ValueError(f"holds {item!r}; each item must be a kind, or an object with the texts kind and spec.type.")


def _matcher(form: Config) -> LocationMatcher:
    exact, pattern = form.get_str("exact", None), form.get_str("pattern", None)
    if exact and pattern:
        raise form.error("pattern", "stands beside exact; a location of a rule has one of them. Remove the other.")
    compiled = glob.compile(pattern, flags=PATTERN_FLAGS, limit=0) if pattern else None
    return LocationMatcher(form.get_str("type"), exact=exact, pattern=compiled)
