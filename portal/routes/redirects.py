"""Redirects from addresses of old: what ``app/routes`` is configured with, without those that lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.core.checks import CheckMessage, Error

from portal.extensions.tree import ROUTES_ID
from portal.routes.paths import RESERVED, InvalidPath, RoutePath


@dataclass(frozen=True, slots=True)
class Redirect:
    """From one path to another, whose parameters the first one has as well."""

    source: RoutePath
    target: RoutePath


def read_redirects(
    entries: Iterable[Mapping[str, str]], pages: Sequence[RoutePath]
) -> tuple[list[Redirect], list[CheckMessage]]:
    """Return the redirects that can be followed, as configured, and what is wrong with the others.

    ``pages`` are the paths at which there is something.
    """
    redirects: list[Redirect] = []
    problems: list[CheckMessage] = []
    for entry in entries:
        try:
            redirects.append(_read(entry))
        except InvalidPath as error:
            problems.append(_problem(f"{entry['from']} → {entry['to']}", str(error)))
    rings = [redirect for redirect in redirects if _leads_back(redirect, redirects, pages)]
    problems += [_problem(f"{ring.source} → {ring.target}", "it leads back to itself") for ring in rings]
    return [redirect for redirect in redirects if redirect not in rings], problems


def _read(entry: Mapping[str, str]) -> Redirect:
    source, target = (RoutePath.parse(entry[end].rstrip("/") or "/") for end in ("from", "to"))
    missing = set(target.parameters) - set(source.parameters)
    if missing:
        raise InvalidPath(f"{target} has the parameter {', '.join(sorted(missing))}, which {source} lacks")
    if source.segments[:1] and source.segments[0] in RESERVED:
        raise InvalidPath(f"'/{source.segments[0]}' is the server's own")
    return Redirect(source, target)


def _leads_back(start: Redirect, redirects: Sequence[Redirect], pages: Sequence[RoutePath]) -> bool:
    """Say whether somebody who follows a redirect never arrives. One example of its parameters stands for all."""
    followed: list[Redirect] = []
    step: Redirect | None = start
    while step is not None and step not in followed:
        followed.append(step)
        step = _next(step.target.build(dict.fromkeys(step.target.parameters, "x")), redirects, pages)
    return step is not None


def _next(url: str, redirects: Sequence[Redirect], pages: Sequence[RoutePath]) -> Redirect | None:
    """Return the redirect that answers at an address, None if a page or nothing does."""
    answering = [*((one.source, one) for one in redirects), *((path, None) for path in pages)]
    answering.sort(key=lambda pair: pair[0].sort_key)
    return next((one for path, one in answering if re.match(path.regex(), url[1:])), None)


def _problem(redirect: str, fault: str) -> CheckMessage:
    return Error(
        f"app/routes: the redirect {redirect} is left out: {fault}.",
        hint="Correct it in app.extensions:  - app/routes: {config: {redirects: [{from: /old, to: /new}]}}",
        obj=ROUTES_ID,
        id="portal.E227",
    )
