"""Names of static files: with a hash of their content, so that browsers keep them for good, once they are collected."""

from __future__ import annotations

import re
from collections.abc import Callable

from whitenoise.storage import CompressedManifestStaticFilesStorage


class CollectedStaticFiles(CompressedManifestStaticFilesStorage):
    """Static files under hashed names, compressed, as ``collectstatic`` has left them.

    A file that wasn't collected keeps its own name, under which WhiteNoise finds it in its app's folder: there is no
    build step to forget. Modules import each other by hashed names, or a browser would load those twice.
    """

    support_js_module_import_aggregation = True

    def stored_name(self, name: str) -> str:
        """Return a file's hashed name, or ``name`` itself if it wasn't collected."""
        return str(self.hashed_files.get(self.hash_key(self.clean_name(name)), name))

    def url_converter(
        self, name: str, hashed_files: dict[str, str], template: str | None = None
    ) -> Callable[[re.Match[str]], str]:
        """Return what replaces a reference in a collected file. One that leads nowhere stays as it is.

        Packages ship scripts without the source maps that they name, and with examples of imports in comments.
        """
        convert = super().url_converter(name, hashed_files, template)

        def converted(match: re.Match[str]) -> str:
            try:
                return str(convert(match))
            except ValueError:
                return match[0]

        return converted
