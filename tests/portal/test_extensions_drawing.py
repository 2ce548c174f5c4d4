"""What is drawn once, and when it is drawn again."""

from __future__ import annotations

import pytest
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from portal.config import override_config
from portal.extensions.drawing import drawn_once, render_once
from portal.routes.nav import NavItem


def test_the_same_is_drawn_once_and_something_else_anew() -> None:
    drawings: list[str] = []

    @drawn_once
    def draw(name: str) -> SafeString:
        drawings.append(name)
        return format_html("<b>{}</b>", name)

    assert [draw("<a>"), draw("<a>"), draw("b")] == ["<b>&lt;a&gt;</b>", "<b>&lt;a&gt;</b>", "<b>b</b>"]
    assert drawings == ["<a>", "b"]


def test_a_safe_text_is_not_taken_for_one_that_reads_the_same() -> None:
    @drawn_once
    def draw(name: str) -> SafeString:
        return format_html("<b>{}</b>", name)

    assert draw(SafeString("<i>")) == "<b><i></b>"
    assert draw("<i>") == "<b>&lt;i&gt;</b>"


def test_each_language_has_its_drawing() -> None:
    @drawn_once
    def draw() -> SafeString:
        return SafeString(gettext("Skip to content"))

    with translation.override("en"):
        english = draw()
    with translation.override("de"):
        german = draw()
    with translation.override("en"):
        again = draw()

    assert german != english == again


def test_another_configuration_may_draw_it_another_way() -> None:
    drawings: list[str] = []

    @drawn_once
    def draw() -> SafeString:
        drawings.append("")
        return SafeString("")

    draw()
    with override_config({"app": {"title": "Another"}}):
        draw()

    assert len(drawings) == 2


def test_a_template_escapes_what_it_is_given() -> None:
    item = NavItem("page:hostile", "<i>", "/hostile", "box")

    drawn = render_once("portal/shell/_nav_links.html", items=(item,))

    assert "&lt;i&gt;" in drawn
    assert "<i>" not in drawn


def test_what_fails_is_not_kept() -> None:
    tries: list[str] = []

    @drawn_once
    def draw() -> SafeString:
        tries.append("")
        if len(tries) == 1:
            raise ValueError("not yet")
        return SafeString("drawn")

    with pytest.raises(ValueError, match="not yet"):
        draw()

    assert draw() == "drawn"
