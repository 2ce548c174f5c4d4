"""Errors that a page went on without, by the utility API."""

from __future__ import annotations

from django.http import HttpRequest

from portal.extensions.registry import get_api
from portal.extensions.utility import error_api
from portal.services import logger


def tell_failure(request: HttpRequest, error: Exception, *, hidden: bool = False) -> None:
    """Tell of an error; ``hidden`` says that the person needn't know. Where nobody provides the API, it is logged."""
    try:
        api = get_api(error_api)
    except LookupError:
        log_failure(request, error)
    else:
        api.post(request, error, hidden=hidden)


def log_failure(request: HttpRequest, error: Exception) -> None:
    """Log an error that a page went on without."""
    logger.for_plugin("app").error("A page went on without a part of it", path=request.path, exc_info=error)
