"""The processor that reads ``file`` locations."""

from __future__ import annotations

import hashlib
import os

from wcmatch import glob

from apps.catalog.extension_points import Processor, ReadContext
from apps.catalog.processing.files import read_file
from portal.entities import LocationRef
from portal.errors import NotFoundError, PortalError

#: ``**`` doesn't follow symbolic links, so a link to a parent can't make it run in circles.
GLOB_FLAGS = glob.GLOBSTAR | glob.BRACE | glob.EXTGLOB | glob.NODIR


class FileReaderProcessor(Processor):
    """Reads local files, one or all that match a pattern, in alphabetical order."""

    name = "FileReaderProcessor"
    location_types = ("file",)

    def read_location(self, location: LocationRef, context: ReadContext) -> bool:
        if location.type != "file":
            return False
        for path in self._matches(location, context):
            file = LocationRef("file", os.path.normpath(path))
            context.emit.refresh_key(str(file))
            try:
                content = read_file(file.target)
            except NotFoundError as error:
                if not context.optional:
                    context.emit.error(_with_hint(error, location.target), location)
            except PortalError as error:
                context.emit.error(error, file)
            else:
                for document in context.parse(content, file):
                    context.emit.document(document)
        return True

    def fingerprint(self, location: LocationRef) -> str | None:
        if location.type != "file":
            return None
        digest = hashlib.sha1(usedforsecurity=False)
        try:
            for path in self._paths(location.target):
                content = read_file(path)
                digest.update(b"%s\0%d\0" % (os.fsencode(path), len(content)))
                digest.update(content)
        except PortalError:
            return None
        return digest.hexdigest()

    def _matches(self, location: LocationRef, context: ReadContext) -> list[str]:
        matches = self._paths(location.target)
        if not matches and not context.optional:
            context.emit.error(NotFoundError(f"No file matches the pattern {location.target}."), location)
        return matches

    def _paths(self, target: str) -> list[str]:
        """Return the paths that the target means. A name that exists is that file, even if it looks like a pattern."""
        if os.path.lexists(target) or not glob.is_magic(target, flags=GLOB_FLAGS):
            return [target]
        return sorted(glob.glob(target, flags=GLOB_FLAGS))


def _with_hint(error: NotFoundError, target: str) -> NotFoundError:
    if target.startswith((os.sep, ".")):
        return error
    return NotFoundError(f"{error} Targets relative to the file that names them begin with './'.")
