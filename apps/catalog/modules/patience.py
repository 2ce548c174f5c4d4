"""Waiting for a host that takes no more requests for a while, if the run has the time."""

from __future__ import annotations

import time

from portal.errors import ServiceUnavailableError
from portal.services import logger
from portal.services.scheduler import current_run


def wait_for(host: str, seconds: float) -> None:
    """Wait until ``host`` takes requests again. Raises ``ServiceUnavailableError`` if the run would be over by then.

    Outside of a run nobody has time to wait.
    """
    run = current_run()
    left = run.deadline - time.monotonic() if run else 0.0
    if run is None or seconds > left:
        raise ServiceUnavailableError(
            f"{host} takes no more requests for {seconds:.0f} seconds, and there is no time to wait: what is in the "
            f"catalog stays as it is until the next run."
        )
    logger.for_plugin("catalog").warning(
        "A source host takes no more requests for a while; waiting", host=host, seconds=round(seconds)
    )
    run.wait(seconds)
    run.raise_if_stopped()


def go_on() -> None:
    """Raise ``RunStopped`` if the run that this is part of should come to an end."""
    run = current_run()
    if run is not None:
        run.raise_if_stopped()
