"""Errors that a page went on without, by the utility API."""

from __future__ import annotations

from django.http import HttpRequest

from portal.extensions.registry import ask_api
from portal.extensions.utility import ErrorApi, error_api
from portal.services import logger


def tell_failure(request: HttpRequest, error: Exception, *, hidden: bool = False) -> None:
    """Tell of an error; ``hidden`` says that the person needn't know. Where nobody takes it, it is logged."""

    def post(api: ErrorApi) -> bool:
        api.post(request, error, hidden=hidden)
        return True

    if not ask_api(error_api, post, otherwise=False):
        log_failure(request, error)


def log_failure(request: HttpRequest, error: Exception) -> None:
    """Log an error that a page went on without."""
    logger.for_plugin("app").error("A page went on without a part of it", path=request.path, exc_info=error)
