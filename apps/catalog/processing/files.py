"""Reading local files: bounded, regular files only, with errors that say what to do."""

from __future__ import annotations

import os
import stat

from portal.entities import MAX_BYTES
from portal.errors import InputError, NotFoundError


def read_file(path: str) -> bytes:
    """Return a file's content.

    Raises ``NotFoundError`` if it isn't there, and ``InputError`` if it is a directory, anything else that isn't a
    regular file, too big, or can't be read.
    """
    try:
        status = os.stat(path)  # noqa: PTH116 (a path from a file may hold what pathlib would normalise away)
        if stat.S_ISDIR(status.st_mode):
            raise InputError(
                f"{path} is a directory. Name a file in it, or a pattern such as {os.path.join(path, '*.yaml')}."  # noqa: PTH118
            )
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{path} is neither a file nor a directory, but a device, pipe or socket.")
        if status.st_size > MAX_BYTES:
            raise _too_big(path, status.st_size)
        with open(path, "rb") as file:  # noqa: PTH123
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise NotFoundError(f"{path} does not exist.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise InputError(f"{path} can't be read: {reason}.") from error
    if len(content) > MAX_BYTES:  # files of /proc claim to be empty
        raise _too_big(path, len(content))
    return content


def _too_big(path: str, size: int) -> InputError:
    return InputError(
        f"{path} is too big: {size / 1e6:.1f} MB, and at most {MAX_BYTES // 1_000_000} MB are read. "
        f"Split it, and point a Location at the parts."
    )
