"""What the portal runs on."""

from __future__ import annotations

import os
import platform
import socket
from dataclasses import dataclass, field
from importlib import metadata

import portal
from apps.devtools.conf import conf

#: Packages of the portal and its plugins, which are always shown.
OWN_PREFIXES = ("greenroom", "portal-plugin-")
_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package of Python."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Information:
    """The machine and what is installed on it, each in the words that are shown."""

    operating_system: str
    resources: str
    python: str
    version: str
    packages: list[Package] = field(default_factory=list)


def information() -> Information:
    """Return what this process runs on; a system that doesn't tell its memory or load leaves that out."""
    return Information(
        operating_system=f"{socket.gethostname()}: {platform.system()} {platform.release()} - {platform.machine()}",
        resources=" - ".join(filter(None, (_memory(), _load()))) or "N/A",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        version=portal.__version__,
        packages=packages(),
    )


def packages() -> list[Package]:
    """Return the installed packages that are to be shown, by name; of several versions the first found counts."""
    prefixes = tuple(conf.package_prefixes)
    found: dict[str, str] = {}
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name and (not prefixes or name.lower().startswith((*OWN_PREFIXES, *prefixes))):
            found.setdefault(name, distribution.version)
    return [Package(name, found[name]) for name in sorted(found, key=str.lower)]


def _memory() -> str:
    try:
        page, total, free = (os.sysconf(name) for name in ("SC_PAGE_SIZE", "SC_PHYS_PAGES", "SC_AVPHYS_PAGES"))
    except (ValueError, OSError, AttributeError):
        return ""
    return f"Memory: {(total - free) * page // _MEBIBYTE}/{total * page // _MEBIBYTE}MB"


def _load() -> str:
    try:
        averages = os.getloadavg()
    except (OSError, AttributeError):
        return ""
    return "Load: " + "/".join(f"{average:.2f}" for average in averages)
