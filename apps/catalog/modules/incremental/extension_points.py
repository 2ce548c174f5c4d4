"""What other modules of the catalog add here: providers whose source is read in bursts.

A module adds in ``ModuleConfig.extend``::

    def extend(self, points):
        points[IncrementalIngestion].add_provider(
            MyProvider(),
            IncrementalOptions(burst_length="10s", burst_interval="3s", rest_length={"hours": 12}),
        )
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.apps import apps

from apps.catalog.extension_points import JSON, DeferredEntity
from portal.config.durations import to_duration
from portal.errors import ConflictError, InputError
from portal.plugins import ExtensionPoint
from portal.services.events import Event

MODULE = "apps.catalog.modules.incremental"
#: A span of time: ``timedelta``, ``{"minutes": 5}``, ``"5m"`` or ``"PT5M"``.
Duration = timedelta | str | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Burst:
    """What one step has found, and where the next one goes on. ``done`` says that this was the last one."""

    done: bool
    entities: Iterable[DeferredEntity] = ()
    #: JSON, and not None unless the step is the last one.
    cursor: JSON = None


@dataclass(frozen=True, slots=True)
class Delta:
    """What a piece of news says about the source: entities that are new or changed, and refs of those that are gone."""

    added: Sequence[DeferredEntity] = ()
    removed: Sequence[str] = ()


class IncrementalEntityProvider(ABC):
    """A source of entities that is read step by step.

    Any worker may take the next step, in this process or another one: everything that a step must know of the ones
    before is in the cursor.
    """

    #: Unique among all providers, and stable: entities and the cursor are kept under it.
    name: str = ""
    #: Topics of the events that it wants to hear of.
    topics: Sequence[str] = ()

    def around(self) -> AbstractContextManager[Any]:
        """Return what is held open during a burst, such as a connection; what it yields is each step's ``context``."""
        return nullcontext()

    @abstractmethod
    def next(self, context: Any, cursor: JSON) -> Burst:
        """Take the step at ``cursor``, None for the first one. Called again and again until it is ``done``.

        A step may be taken twice, if it was cut off. What it raises is logged, the entities stay as they are, and the
        same step is tried again later.
        """

    def handle_event(self, event: Event) -> Delta | None:
        """Return what a piece of news changes, quickly; None if it changes nothing."""
        return None


#: How long to wait after the first error in a row, the second, and so on; the last one counts for all further ones.
BACKOFF: Sequence[Duration] = (
    timedelta(seconds=30),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=3),
)


@dataclass(frozen=True)
class IncrementalOptions:
    """How a provider is read. Spans of time become ``timedelta``; raises ``InputError`` for a bad value."""

    #: After how long a burst ends; the step at work is finished first.
    burst_length: Duration
    #: The pause between two bursts.
    burst_interval: Duration
    #: The pause between two readings of the whole source.
    rest_length: Duration
    backoff: Sequence[Duration] = BACKOFF
    #: Nothing is removed if it would be more than this part of what the provider had, in percent; None: no such limit.
    reject_removals_above_percentage: float | None = None
    #: Nothing is removed if the source was empty.
    reject_empty_source_collections: bool = False

    def __post_init__(self) -> None:
        for name in ("burst_length", "burst_interval", "rest_length"):
            object.__setattr__(self, name, _span(name, getattr(self, name)))
        if not self.backoff:
            raise InputError("backoff is empty; give at least one span of time, or leave it out.")
        object.__setattr__(self, "backoff", tuple(_span("backoff", value) for value in self.backoff))
        limit = self.reject_removals_above_percentage
        if limit is not None and not 0 <= limit <= 100:
            raise InputError(f"reject_removals_above_percentage is {limit!r}; it must be between 0 and 100.")

    def span(self, name: str) -> timedelta:
        """Return one of the spans of time, by its name."""
        value = getattr(self, name)
        assert isinstance(value, timedelta)
        return value

    def pause_after(self, errors: int) -> timedelta:
        """Return how long to wait after so many errors in a row, one or more."""
        value = self.backoff[min(errors, len(self.backoff)) - 1]
        assert isinstance(value, timedelta)
        return value


Receiver = Callable[[IncrementalEntityProvider, IncrementalOptions], None]


class IncrementalIngestion(ExtensionPoint):
    """Which sources are read in bursts (Backstage's ``catalog.incrementalIngestionProvider.providers``)."""

    id = "catalog.incrementalIngestionProvider.providers"
    plugin_id = "catalog"

    def __init__(self) -> None:
        super().__init__()
        self.providers: dict[str, tuple[IncrementalEntityProvider, IncrementalOptions]] = {}
        self._receiver: Receiver | None = None

    def add_provider(self, provider: IncrementalEntityProvider, options: IncrementalOptions) -> None:
        """Add a provider. Raises ``InputError`` without this module, which alone would run it."""
        self.require_open()
        where = f"{type(provider).__module__}.{type(provider).__qualname__}"
        if not apps.is_installed(MODULE):
            raise InputError(f"{where} is read in bursts, and nothing does that: add {MODULE} to backend.plugins.")
        if not provider.name:
            raise InputError(f"{where}: the incremental entity provider has no name.")
        if provider.name in self.providers:
            raise ConflictError(f"There are two incremental entity providers '{provider.name}'. Names must be unique.")
        self.providers[provider.name] = (provider, options)
        if self._receiver is not None:
            self._receiver(provider, options)

    def hand_over(self, receiver: Receiver) -> None:
        """Give ``receiver`` every provider: those that are here at once, the others when they are added.

        For this module only. Modules extend the catalog in the order in which they are installed, so providers may be
        added before and after.
        """
        self.require_open()
        self._receiver = receiver
        for provider, options in self.providers.values():
            receiver(provider, options)


def _span(name: str, value: Duration) -> timedelta:
    """Return a span of time that is longer than nothing. Raises ``InputError``."""
    try:
        found = value if isinstance(value, timedelta) else to_duration(value if isinstance(value, str) else dict(value))
    except ValueError as error:
        raise InputError(f"{name} {error}") from error
    if found <= timedelta(0):
        raise InputError(f"{name} must be longer than nothing; found {value!r}.")
    return found
