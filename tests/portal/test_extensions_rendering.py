"""Slots: order, escaping, the element around each child, and children that fail."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils.html import escape
from pytest_django.fixtures import Settings

from portal.config import override_config
from portal.extensions import Media, PageContext, get_tree, visible_children


def logged_errors(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """Return what was logged as an error, as fields."""
    return [record.msg for record in caplog.records if record.levelname == "ERROR" and isinstance(record.msg, dict)]


@pytest.fixture
def request_(rf: RequestFactory) -> HttpRequest:
    return rf.get("/testplugin")


def render(source: str, request: HttpRequest, page_id: str = "page:testplugin", **values: Any) -> str:
    node = get_tree().nodes[page_id]
    context = {"request": request, "page": PageContext(request, node), "extension": node, **values}
    return Template("{% load portal %}" + source).render(Context(context))


def enabled(*names: str) -> Any:
    return override_config({"app": {"extensions": [f"panel:testplugin/{name}" for name in names]}})


def test_each_child_stands_in_an_element_that_bears_its_id(request_: HttpRequest):
    html = render('{% slot "panels" %}', request_)
    assert html.count("<div data-extension=") == 2
    assert '<div data-extension="panel:testplugin/second"><p>Second on panel:testplugin/second</p>\n</div>' in html


def test_the_slot_chooses_element_and_classes(request_: HttpRequest):
    html = render('{% slot "panels" tag="li" css=css %}', request_, css='card "wide"')
    assert '<li data-extension="panel:testplugin/first" class="card &quot;wide&quot;">' in html
    assert html.count("</li>") == 2


def test_an_element_that_is_none_is_refused(request_: HttpRequest):
    with pytest.raises(ValueError, match="isn't the name of one"):
        render('{% slot "panels" tag="li onclick=x" %}', request_)


def test_children_are_rendered_in_the_order_of_the_configuration(request_: HttpRequest):
    with enabled("second"):
        html = render('{% slot "panels" %}', request_)
    assert html.index("Second") < html.index("First")


def test_what_an_extension_says_is_escaped(request_: HttpRequest):
    html = render('{% slot "panels" %}', request_)
    assert "<script>" not in html
    assert "First &lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_child_that_raises_is_logged_and_replaced_by_a_card_while_the_others_stay(
    request_: HttpRequest, caplog: pytest.LogCaptureFixture, settings: Settings
):
    settings.DEBUG = False
    with enabled("broken"):
        html = render('{% slot "panels" %}', request_)
    assert '<div data-extension="panel:testplugin/broken">' in html
    assert "This part can't be shown" in html
    assert "the panel is" not in html
    assert "Second on panel:testplugin/second" in html
    [entry] = logged_errors(caplog)
    assert (entry["plugin"], entry["extension"], entry["path"]) == (
        "testplugin",
        "panel:testplugin/broken",
        "/testplugin",
    )
    assert str(entry["exc_info"]) == "the panel is <broken>"


def test_the_card_shows_the_error_while_debugging(
    request_: HttpRequest, caplog: pytest.LogCaptureFixture, settings: Settings
):
    settings.DEBUG = True
    with enabled("broken"):
        html = render('{% slot "panels" %}', request_)
    assert "RuntimeError: the panel is &lt;broken&gt;" in html


def test_a_child_that_cannot_say_whether_it_is_visible_shows_its_error_and_nothing_else(
    request_: HttpRequest, caplog: pytest.LogCaptureFixture
):
    with enabled("undecided"):
        html = render('{% slot "panels" %}', request_)
    assert "Undecided" not in html
    assert '<div data-extension="panel:testplugin/undecided">' in html
    assert [entry["extension"] for entry in logged_errors(caplog)] == ["panel:testplugin/undecided"]


def test_a_parent_that_arranges_its_children_itself_gets_the_visible_ones(
    request_: HttpRequest, caplog: pytest.LogCaptureFixture
):
    with enabled("undecided"):
        node = get_tree().nodes["page:testplugin"]
        shown = [child.id for child in visible_children(node, "panels", PageContext(request_, node, {"show": True}))]
    assert shown == ["panel:testplugin/first", "panel:testplugin/second", "panel:testplugin/hidden"]
    assert [entry["extension"] for entry in logged_errors(caplog)] == ["panel:testplugin/undecided"]


def test_keywords_of_the_slot_reach_the_children(request_: HttpRequest):
    assert "Hidden" not in render('{% slot "panels" %}', request_)
    assert "Hidden on panel:testplugin/hidden" in render('{% slot "panels" show=True %}', request_)


def test_one_extension_can_be_rendered_by_its_parent(request_: HttpRequest):
    panel = get_tree().nodes["panel:testplugin/second"]
    html = render('{% extension panel tag="article" %}', request_, panel=panel)
    assert html.startswith('<article data-extension="panel:testplugin/second">')


def test_a_slot_of_another_extension_is_named(request_: HttpRequest):
    html = render('{% slot "panels" of="page:testplugin" %}', request_, extension=None)
    assert "Second" in html


def test_a_slot_of_an_extension_that_is_not_there_renders_nothing(request_: HttpRequest):
    assert render('{% slot "panels" of="page:none" %}', request_) == ""


def test_a_slot_of_no_extension_is_an_error_that_says_what_to_write(request_: HttpRequest):
    with pytest.raises(LookupError, match="of="):
        render('{% slot "panels" %}', request_, extension=None)


def test_a_slot_of_an_input_that_is_not_there_renders_nothing_and_asking_for_it_names_the_known_ones(
    request_: HttpRequest,
):
    assert render('{% slot "panel" %}', request_) == ""
    with pytest.raises(LookupError, match="its inputs are: pages, panels"):
        get_tree().nodes["page:testplugin"].children("panel")


def test_the_page_tells_which_keywords_it_passes(request_: HttpRequest):
    page = PageContext(request_, None, {"entity": 1})
    assert page.entity == 1
    assert page.extended({"tab": 2}).tab == 2
    assert page.get("missing", 3) == 3
    with pytest.raises(AttributeError, match=r"passes no 'entiti'.*it passes: entity"):
        _ = page.entiti


WRAP = '{% wrap "wrappers" of="app/root" %}<i>inner</i>{% endwrap %}'


def test_without_wrappers_the_content_is_as_it_is(request_: HttpRequest):
    assert render(WRAP, request_) == "<i>inner</i>"


@pytest.mark.usefixtures("shell_module")
def test_wrappers_go_around_the_content_the_first_outermost(request_: HttpRequest):
    assert render(WRAP, request_).replace("\n", "") == (
        '<div data-extension="app-root-wrapper:app/outer"><section>'
        '<div data-extension="app-root-wrapper:app/inner"><section><i>inner</i></section></div>'
        "</section></div>"
    )


@pytest.mark.usefixtures("shell_module")
def test_a_wrapper_that_raises_leaves_what_it_was_to_wrap(request_: HttpRequest, caplog: pytest.LogCaptureFixture):
    others = [{f"app-root-wrapper:app/{name}": False} for name in ("outer", "inner")]
    with override_config({"app": {"extensions": [*others, "app-root-wrapper:app/broken"]}}):
        assert render(WRAP, request_) == "<i>inner</i>"
    assert [entry["extension"] for entry in logged_errors(caplog)] == ["app-root-wrapper:app/broken"]


@pytest.mark.parametrize("tag", ['{% wrap "wrappers" %}{% endwrap %}', '{% wrap "wrappers" in="x" %}{% endwrap %}'])
def test_a_malformed_wrap_is_a_syntax_error(tag: str):
    with pytest.raises(TemplateSyntaxError, match="is written"):
        Template("{% load portal %}" + tag)


def test_the_media_of_the_page_and_what_hangs_from_it_is_loaded_once_each(request_: HttpRequest):
    html = render("{% extension_media %}", request_)
    assert html.count("testplugin/root.css") == 1
    assert html.index("testplugin/root.css") < html.index("testplugin/panel.css")
    assert '<script type="module" src="/static/testplugin/root.js"></script>' in html


def test_the_media_of_other_pages_is_not_loaded(request_: HttpRequest):
    assert "testplugin" not in render("{% extension_media %}", request_, page_id="page:testplugin/thing")


def test_media_is_joined_in_the_order_of_first_mention():
    joined = Media(css=["a.css", "b.css"]) + Media(css=["b.css", "c.css"], js=["x.js"])
    assert joined == Media(css=["a.css", "b.css", "c.css"], js=["x.js"])
    assert not Media()


def test_an_icon_is_decoration_unless_it_is_labelled(request_: HttpRequest):
    html = render('{% icon "library" %}', request_)
    assert html.startswith("<svg")
    assert 'aria-hidden="true"' in html
    labelled = render('{% icon "library" label="Catalog" css="big" size=32 %}', request_)
    assert 'role="img" aria-label="Catalog"' in labelled
    assert 'class="big"' in labelled
    assert 'width="32"' in labelled


def test_an_icon_that_does_not_exist_is_drawn_as_the_fallback(request_: HttpRequest):
    assert render('{% icon "no-such-icon" %}', request_) == render('{% icon "puzzle" %}', request_)


@pytest.mark.parametrize(
    ("words", "shown", "rest"),
    [
        (["java", "go"], ["java", "go"], []),
        (["machine-learning", "python", "gpu"], ["machine-learning"], ["python", "gpu"]),
        (["java", "grpc", "orders"], ["java", "grpc", "orders"], []),
        (["x" * 63, "go"], ["x" * 63], ["go"]),
        (["<b>", *["word"] * 9], ["<b>", "word", "word"], ["word"] * 7),
    ],
)
def test_chips_are_as_many_as_have_room_in_a_row(
    request_: HttpRequest, words: list[str], shown: list[str], rest: list[str]
):
    html = render("{% chips words %}", request_, words=words)
    chips = [f'<span class="chip">{escape(word)}</span>' for word in shown]
    if rest:
        chips.append(f'<span class="chip" title="{", ".join(rest)}">+{len(rest)}</span>')
    assert html == f'<span class="chips">{"".join(chips)}</span>'


def test_hostile_icon_attributes_are_escaped(request_: HttpRequest):
    html = render("{% icon 'library' label=label %}", request_, label='"><script>')
    assert "<script>" not in html
