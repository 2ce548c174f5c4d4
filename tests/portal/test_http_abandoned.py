"""An answer that nobody waits for any longer is gone at once, and with it whatever it was reading from."""

from collections.abc import Iterator

from django.http import HttpRequest, StreamingHttpResponse
from django.test import RequestFactory
from rest_framework.request import Request

from portal.credentials import Credentials
from portal.http.views import ApiView
from portal.services.lifecycle import garbage_waits
from portal.testing import SOMEBODY

released: list[str] = []


def lines() -> Iterator[bytes]:
    """Read from something that has to be released."""
    try:
        while True:
            yield b"line\n"
    finally:
        released.append("lines")


class Lines(ApiView):
    """A list without end."""

    def get(self, request: Request) -> StreamingHttpResponse:
        return StreamingHttpResponse(lines())


def asked() -> HttpRequest:
    request = RequestFactory().get("/api/lines")
    request.credentials = Credentials(SOMEBODY)  # type: ignore[attr-defined]
    return request


def test_an_answer_is_released_with_its_last_holder_not_by_the_garbage_collector():
    released.clear()
    with garbage_waits:
        response = Lines.as_view()(asked())
        pieces = iter(response)
        assert next(pieces) == b"line\n"
        assert not released
        del response, pieces
        assert released == ["lines"]
