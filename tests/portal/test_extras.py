"""What a message says when a part of the portal isn't installed."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from portal import extras
from portal.extensions import Predicate
from portal.extras import install_command


def test_in_a_checkout_the_source_is_installed() -> None:
    assert install_command("s3") == ".venv/bin/pip install -e '.[s3]'"


def test_where_the_package_is_installed_its_extra_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "DISTRIBUTION", "pytest")
    assert install_command("s3") == "pip install 'pytest[s3]'"


def test_aliases_of_types_are_types_at_run_time() -> None:
    assert get_args(Predicate) == (str, dict[str, Any])
