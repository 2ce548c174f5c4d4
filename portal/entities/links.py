"""Web addresses as browsers read them, after the URL Standard (https://url.spec.whatwg.org/#url-parsing).

Only the question whether a text is an absolute URL is answered here; nothing is taken apart or normalised.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from urllib.parse import unquote

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
#: Removed before parsing: line breaks and tabs anywhere, control characters and spaces at the ends.
_LINE_BREAKS = str.maketrans("", "", "\t\n\r")
_ENDS = "".join(map(chr, range(0x21)))

#: Schemes whose addresses need a host, however many slashes or backslashes precede it.
_SPECIAL = frozenset(("http", "https", "ws", "wss", "ftp"))
_FORBIDDEN_IN_HOST = frozenset("\0\t\n\r #/:<>?@[\\]^|")
_FORBIDDEN_IN_DOMAIN = _FORBIDDEN_IN_HOST | frozenset("%\x7f") | frozenset(map(chr, range(0x20)))
_LARGEST_PORT = 65535


def is_absolute_url(text: str) -> bool:
    """Tell whether ``text`` is a URL with a scheme, of any kind: ``https://a.example``, ``mailto:jane@a.example``."""
    text = text.strip(_ENDS).translate(_LINE_BREAKS)
    match = _SCHEME.match(text)
    if match is None:
        return False
    scheme, rest = match[1].lower(), text[match.end() :]
    if scheme in _SPECIAL:
        authority = re.split(r"[/\\?#]", rest.lstrip("/\\"), maxsplit=1)[0]
        return _is_authority(authority, special=True)
    if scheme == "file":
        rest = rest.replace("\\", "/")
        host = re.split(r"[/?#]", rest[2:], maxsplit=1)[0] if rest.startswith("//") else ""
        return not host or re.fullmatch(r"[a-zA-Z][:|]", host) is not None or _is_domain(host)
    if rest.startswith("//"):
        return _is_authority(re.split(r"[/?#]", rest[2:], maxsplit=1)[0], special=False)
    return True


def _is_authority(authority: str, *, special: bool) -> bool:
    credentials, at, address = authority.rpartition("@")
    host, port = _host_and_port(address)
    if port is not None and port and not (port.isascii() and port.isdigit() and int(port) <= _LARGEST_PORT):
        return False
    if not host:
        return not special and not at and port is None and not credentials
    if host.startswith("["):
        return _is_ipv6(host)
    return _is_domain(host) if special else not _FORBIDDEN_IN_HOST.intersection(host)


def _host_and_port(address: str) -> tuple[str, str | None]:
    if address.startswith("[") and "]" in address:
        host, _, rest = address.partition("]")
        return (f"{host}]", rest[1:]) if rest.startswith(":") else (f"{host}]{rest}", None)
    host, colon, port = address.partition(":")
    return host, port if colon else None


def _is_ipv6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return host.endswith("]") and "%" not in host


def _is_domain(host: str) -> bool:
    domain = unicodedata.normalize("NFKC", unquote(host, errors="replace")).replace("\u00ad", "")
    if not domain or "\ufffd" in domain or _FORBIDDEN_IN_DOMAIN.intersection(domain):
        return False
    labels = domain.removesuffix(".").split(".")
    return _is_ipv4(labels) if _is_number(labels[-1]) else True


def _is_number(label: str) -> bool:
    return bool(re.fullmatch(r"[0-9]+|0[xX][0-9a-fA-F]*", label))


def _is_ipv4(labels: list[str]) -> bool:
    """Tell whether the labels are one to four numbers, decimal, octal or hexadecimal, that make 32 bits."""
    if len(labels) > 4:
        return False
    numbers = [_ipv4_number(label) for label in labels]
    *leading, last = (-1 if number is None else number for number in numbers)
    return all(0 <= number <= 255 for number in leading) and 0 <= last < 256 ** (5 - len(labels))


def _ipv4_number(label: str) -> int | None:
    digits, base = label, 10
    if label[:2] in ("0x", "0X"):
        digits, base = label[2:] or "0", 16
    elif len(label) > 1 and label.startswith("0"):
        base = 8
    try:
        return int(digits, base)
    except ValueError:
        return None
