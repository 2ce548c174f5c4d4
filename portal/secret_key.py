"""The key that signs cookies, when the environment gives none."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from portal.errors import ConfigError


def secret_key_in(data_dir: Path) -> str:
    """Return the key kept in ``data_dir/secret-key``, made on first use and readable by its owner only.

    Several hosts that serve one portal need the same key: set ``SECRET_KEY`` there. Raises ``ConfigError`` if the key
    can be neither read nor kept.
    """
    path = data_dir / "secret-key"
    try:
        key = _kept(path)
        if key is None:
            key = _made(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise ConfigError(
            f"The key that signs cookies can't be kept in {path}: {reason}. Let this user read and write there, set "
            f"PORTAL_DATA_DIR to a folder where it may, or set SECRET_KEY.",
            cause=error,
        ) from error
    if not key:
        raise ConfigError(f"{path} is empty, and should hold the key that signs cookies. Delete it: it is made anew.")
    return key


def _kept(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None


def _made(path: Path) -> str | None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64), encoding="ascii")
        # A hard link appears whole or not at all, and fails if another process was first.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
    return _kept(path)
