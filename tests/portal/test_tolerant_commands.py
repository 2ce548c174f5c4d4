"""Commands that work without the faulty parts of the interface, and stop for everything else."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management.base import SystemCheckError

from portal.config import override_config
from portal.management.checking import TolerantCommand


class Work(TolerantCommand):
    def handle(self, *args: object, **options: object) -> str:
        return "done"


def run() -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    command = Work(stdout=out, stderr=err, no_color=True)
    command.execute(no_color=True, force_color=False, skip_checks=False, stdout=out, stderr=err, traceback=False)
    return out.getvalue(), err.getvalue()


def test_what_is_wrong_with_the_interface_is_told_and_no_reason_to_stop():
    with override_config({"app": {"extensions": [5, {"page:testplugin": {"config": {"path": 7}}}]}}):
        out, err = run()
    assert out.strip() == "done"
    assert "portal.E201" in err
    assert "portal.E208" in err
    assert "starts without these parts of the interface" in err


def test_everything_else_is_a_reason():
    with (
        override_config({"app": {"extensions": [5]}, "backend": {"cache": {"defaultTtl": "soon"}}}),
        pytest.raises(SystemCheckError, match=r"portal\.E104"),
    ):
        run()


def test_where_nothing_is_wrong_nothing_is_told():
    out, err = run()
    assert out.strip() == "done"
    assert "portal.E" not in err
