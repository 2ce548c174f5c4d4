"""The formats of an entity's names, labels, annotations and tags, each replaceable by name.

They are Kubernetes' formats, with Backstage's own for tags.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from portal.entities.links import is_absolute_url

_MOST = 63
_MOST_OF_SUBDOMAIN = 253

_SUFFIX = re.compile(r"[a-z0-9A-Z]+")
_KIND = re.compile(r"[a-zA-Z][a-z0-9A-Z]*")
_OBJECT_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_DNS_LABEL = re.compile(r"[a-z0-9]+(?:-+[a-z0-9]+)*")
_TAG = re.compile(r"[a-z0-9:+#]+(-[a-z0-9:+#]+)*")


class Format(NamedTuple):
    """A rule for one field: ``check`` says whether a value keeps it, ``expectation`` says in words what it asks for.

    The expectation completes the sentence ``"metadata.name" is not valid; expected …``.
    """

    check: Callable[[object], bool]
    expectation: str


def is_api_version(value: object) -> bool:
    """Tell whether ``value`` is ``[<DNS subdomain>/]<letters and digits>``."""
    return _is_prefixed(value, _SUFFIX)


def is_kind(value: object) -> bool:
    """Tell whether ``value`` is at most 63 letters and digits, a letter first."""
    return _fits(value, _KIND)


def is_object_name(value: object) -> bool:
    """Tell whether ``value`` is at most 63 of ``[A-Za-z0-9_.-]``, with a letter or digit at both ends."""
    return _fits(value, _OBJECT_NAME)


def is_dns_label(value: object) -> bool:
    """Tell whether ``value`` is at most 63 of ``[a-z0-9-]``, with no hyphen at the ends."""
    return _fits(value, _DNS_LABEL)


def is_dns_subdomain(value: object) -> bool:
    """Tell whether ``value`` is at most 253 characters of DNS labels with dots between."""
    return isinstance(value, str) and len(value) <= _MOST_OF_SUBDOMAIN and all(map(is_dns_label, value.split(".")))


def is_prefixed_name(value: object) -> bool:
    """Tell whether ``value`` is ``[<DNS subdomain>/]<object name>``, as the keys of labels and annotations are."""
    return _is_prefixed(value, _OBJECT_NAME)


def is_label_value(value: object) -> bool:
    """Tell whether ``value`` is empty or an object name."""
    return value == "" or is_object_name(value)


def is_text(value: object) -> bool:
    """Tell whether ``value`` is a text, be it empty."""
    return isinstance(value, str)


def is_tag(value: object) -> bool:
    """Tell whether ``value`` is at most 63 of ``[a-z0-9:+#-]``, with single hyphens and none at the ends."""
    return _fits(value, _TAG)


def is_url(value: object) -> bool:
    """Tell whether ``value`` is an absolute URL, of any scheme."""
    return isinstance(value, str) and is_absolute_url(value)


def is_filled(value: object) -> bool:
    """Tell whether ``value`` is a text with more than spaces in it."""
    return isinstance(value, str) and bool(value.strip())


_NAME_RULE = "letters and digits [a-zA-Z0-9], which may be separated by any of [-_.], 63 characters at most"
_KEY_RULE = f"[<prefix>/]<name>, the prefix a lowercase DNS name such as acme.example, the name {_NAME_RULE}"


class FieldFormats(NamedTuple):
    """The formats of the fields that an installation may have rules of its own for.

    ``DEFAULT_FORMATS._replace(tag=Format(is_my_tag, "one of ours"))`` replaces one.
    """

    api_version: Format = Format(is_api_version, "[<prefix>/]<version>, such as backstage.io/v1alpha1")
    kind: Format = Format(is_kind, "letters and digits [a-zA-Z0-9], a letter first, 63 characters at most")
    entity_name: Format = Format(is_object_name, _NAME_RULE)
    namespace: Format = Format(
        is_dns_label, "lowercase letters and digits [a-z0-9], which may be separated by hyphens, 63 characters at most"
    )
    label_key: Format = Format(is_prefixed_name, _KEY_RULE)
    label_value: Format = Format(is_label_value, f"nothing, or {_NAME_RULE}")
    annotation_key: Format = Format(is_prefixed_name, _KEY_RULE)
    annotation_value: Format = Format(is_text, "a text, in quotes if it looks like a number")
    tag: Format = Format(
        is_tag, "lowercase letters, digits and [:+#], which may be separated by single hyphens, 63 characters at most"
    )


#: Backstage's rules.
DEFAULT_FORMATS = FieldFormats()

#: Rules that can't be replaced: those of ``metadata.links``.
LINK_URL = Format(is_url, "an absolute URL, such as https://wiki.example/page")
LINK_TEXT = Format(is_filled, "a text that isn't blank")


def _fits(value: object, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and len(value) <= _MOST and pattern.fullmatch(value) is not None


def _is_prefixed(value: object, name: re.Pattern[str]) -> bool:
    return isinstance(value, str) and _text_is_prefixed(value, name)


@lru_cache(maxsize=4096)
def _text_is_prefixed(value: str, name: re.Pattern[str]) -> bool:
    """Remember the answer: the keys of annotations are few, and each entity has some."""
    prefix, slash, suffix = value.rpartition("/")
    return _fits(suffix, name) and (not slash or is_dns_subdomain(prefix))
