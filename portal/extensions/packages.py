"""Read ``app.packages``: whose extensions the interface has. What is installed and left out keeps its API."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.checks import CheckMessage

from portal.extensions import problems
from portal.extensions.tree import ExtensionSpec
from portal.plugins import CORE_PLUGIN_ID

#: Backstage's names of a plugin's packages: ``@backstage/plugin-catalog``, ``@acme/backstage-plugin-radar``.
_NPM_NAME = re.compile(r"@[\w.-]+/(?:backstage-)?plugin-(?P<plugin>[a-z0-9-]+?)(?:-module-(?P<module>[a-z0-9-]+))?")


@dataclass(frozen=True, slots=True)
class Packages:
    """Which apps take part: those of ``include`` (None: all), without those of ``exclude``."""

    include: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()

    def admits(self, spec: ExtensionSpec) -> bool:
        """Say whether an extension takes part. The core's own always do, unless they bear another plugin's id."""
        names = names_of(spec)
        if spec.plugin_id == CORE_PLUGIN_ID and spec.owner_id == CORE_PLUGIN_ID:
            return True
        included = self.include is None or bool(names & _plain(self.include)) or spec.plugin_id == CORE_PLUGIN_ID
        return included and not names & _plain(self.exclude)


def names_of(spec: ExtensionSpec) -> set[str]:
    """Return the names that an extension's package goes by."""
    return {spec.origin, spec.owner_id} if not spec.is_module else {spec.origin}


def read_packages(value: object, specs: Iterable[ExtensionSpec]) -> tuple[Packages, list[CheckMessage]]:
    """Return what ``app.packages`` says, and what is wrong with it. A value that can't be read admits all."""
    if value is None or value == "all":
        return Packages(), []
    well_formed = (
        isinstance(value, Mapping) and set(value) <= {"include", "exclude"} and all(map(_is_list, value.values()))
    )
    if not isinstance(value, Mapping) or not well_formed:
        return Packages(), [problems.malformed_packages(value)]
    include, exclude = value.get("include"), value.get("exclude") or ()
    known = {name for spec in specs for name in names_of(spec)}
    unknown = [name for name in (*(include or ()), *exclude) if not _plain([name]) & known]
    found = [problems.unknown_packages(unknown, known)] if unknown else []
    return Packages(None if include is None else tuple(include), tuple(exclude)), found


def _is_list(value: object) -> bool:
    return value is None or (isinstance(value, list | tuple) and all(isinstance(item, str) for item in value))


def _plain(names: Iterable[str]) -> set[str]:
    """Return names as this portal has them: a package of Backstage's is the plugin that it brings."""
    plain = set()
    for name in names:
        match = _NPM_NAME.fullmatch(name)
        # A module's package isn't its plugin's: that name is left as it is, and matches nothing here.
        plain.add(match["plugin"] if match and not match["module"] else name)
    return plain
