"""Optional parts of the portal's distribution, and how they come onto a machine that lacks them."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution

#: What the portal's package is called.
DISTRIBUTION = "greenroom"


def install_command(extra: str) -> str:
    """Return the command that installs an extra: of the package, or where the portal runs from its source, of that."""
    try:
        distribution(DISTRIBUTION)
    except PackageNotFoundError:
        return f".venv/bin/pip install -e '.[{extra}]'"
    return f"pip install '{DISTRIBUTION}[{extra}]'"
