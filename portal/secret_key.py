"""The key that signs cookies, when the environment gives none."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def secret_key_in(data_dir: Path) -> str:
    """Return the key kept in ``data_dir/secret-key``, made on first use and readable by its owner only.

    Several hosts that serve one portal need the same key: set ``SECRET_KEY`` there.
    """
    path = data_dir / "secret-key"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    data_dir.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(64), encoding="ascii")
    try:
        # A hard link appears whole or not at all, and fails if another process was first.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()
