"""Absolute URLs, as browsers read them: the answers are those of ``new URL(…)``."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.entities.links import is_absolute_url

VALID = [
    "https://a.example",
    "http:a",
    "http:/a",
    "http:\\\\a",
    "http:///a",
    "http://u:p@h:80/x",
    "http://h:",
    "http://h:65535",
    "http://h:0080",
    "http://[::1]",
    "http://[::1]:80/",
    "http://[::ffff:1.2.3.4]",
    "http://1.2.3.4",
    "http://1.2.3.4.",
    "http://1.2.3",
    "http://0x7f.1",
    "http://0x",
    "http://4294967295",
    "http://a.1x",
    "http://é.example",
    "http://日本",
    "http://a_b.c",
    "http://a..b",
    "http://ex%41mple",
    "http://*.a",
    "http://-a",
    "https://a?b#c",
    "https://u@a:1",
    "mailto:x@y",
    "mailto:",
    "foo:",
    "foo://",
    "foo://a:80",
    "foo://u@h",
    "foo://a%zzb",
    "foo:/a",
    "urn:isbn:123",
    "file:",
    "file:///x",
    "file://h/x",
    "file://C:/x",
    "file:x",
    "javascript:alert(1)",
    "data:text/plain,x",
    "a+b-c.d:x",
    "ftp://x",
    "wss://x",
    "ht\ttps://a",
    "https://@h:",
    "https://${host}",
]
INVALID = [
    "foo",
    "//a",
    "/a",
    "http",
    "http://",
    "https:",
    "https://?",
    "https://#x",
    "https://@",
    "1http://a",
    "a_b:x",
    "+a:b",
    ":",
    ":a",
    "${url}",
    "http://h:65536",
    "http://h:80x",
    "http://h:٣",
    "https://host:port/x",
    "foo://:80",
    "foo://u@",
    "foo://a:x",
    "ftp://",
    "ws:",
    "http://[::1",
    "http://[1:2]",
    "http://[fe80::1%25eth0]",
    "foo://[x]",
    "http://1.2.3.4.5",
    "http://256.1.1.1",
    "http://a.1",
    "http://09",
    "http://4294967296",
    "http://1..2",
    "http://a%",
    "http://%00",
    "http://ex%20ample",
    "http://a<b",
    "http://a|b",
    "foo://a^b",
    "http://\xad",
    "file://h:80/x",
    "http://a b",
    "foo://a b",
    "",
    "  ",
    "https://{{x}}|y",
]


@pytest.mark.parametrize("text", VALID)
def test_a_text_with_a_scheme_that_a_browser_can_open_is_a_url(text):
    assert is_absolute_url(text)


@pytest.mark.parametrize("text", INVALID)
def test_other_texts_are_no_urls(text):
    assert not is_absolute_url(text)


@given(st.text())
def test_every_text_gets_an_answer(text):
    assert is_absolute_url(text) in (True, False)
    assert is_absolute_url(f"mailto:{text}")
