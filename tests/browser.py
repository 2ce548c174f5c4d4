"""The browser that is installed: what walks the portal in tests, and what measures its pages."""

from __future__ import annotations

import os
import shutil

from tests.server import Unavailable

#: Headless, quiet, and allowed to run as root, as in containers. The portal is the only thing it talks to.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Find the browser; ``CHROMIUM`` may name it. Raises ``Unavailable`` if there is none."""
    for name in (os.environ.get("CHROMIUM", ""), *NAMES):
        if name and (found := shutil.which(name)):
            return found
    raise Unavailable("Chromium: none of chromium, chromium-browser, google-chrome is on the path (Debian: chromium)")
