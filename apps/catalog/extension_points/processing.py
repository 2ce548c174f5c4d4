"""How entities come in and what is done to them: processors, providers, placeholder resolvers.

Processors run in the worker, in any thread, and one instance serves the whole process: keep no state on it that isn't
guarded. What a processor wants to remember about an entity between runs goes into ``context.cache``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

from portal.entities import Entity, LocationRef, Relation
from portal.errors import ConflictError, InputError, PortalError
from portal.plugins import ExtensionPoint
from portal.services.events import Event

JSON = Any

DEFAULT_PRIORITY = 20


class DeferredEntity(NamedTuple):
    """An entity that enters the pipeline, to be processed later in a run of its own.

    ``location_key`` names who may update it: the first key that claims an entity ref keeps it. None claims nothing.
    """

    entity: Entity
    location_key: str | None = None


#: Bears the position of an entity from its file's reading to its own processing, and is seen by nobody else.
ANNOTATION_POSITION = "portal/source-position"


class SourcePosition(NamedTuple):
    """Where in its file an entity stands: the number of the YAML document and its first line, both counted from 1."""

    document: int
    line: int

    def __str__(self) -> str:
        return f"document {self.document}, line {self.line}"

    @classmethod
    def parse(cls, text: object) -> Self | None:
        """Read the annotation in which a position travels with its entity; None if it isn't sound."""
        document, _, line = str(text).partition(":")
        return cls(int(document), int(line)) if document.isdecimal() and line.isdecimal() else None


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """One document of a file that a processor has read: an entity, or what is wrong with it.

    ``location`` is the file itself, which for a glob differs from the location that was asked for. There is no
    ``position`` if the file as a whole can't be read.
    """

    location: LocationRef
    position: SourcePosition | None = None
    entity: Entity | None = None
    error: PortalError | None = None


class FromLocation:
    """Stands for "the location's own ref" as a location key, since None means "no key"."""


FROM_LOCATION = FromLocation()


class Emitter(ABC):
    """Takes what a processor finds beside the entity itself. Of a run that fails, only the errors are kept."""

    @abstractmethod
    def entity(
        self,
        entity: Entity,
        location: LocationRef,
        *,
        location_key: str | FromLocation | None = FROM_LOCATION,
        position: SourcePosition | None = None,
    ) -> None:
        """Emit a child entity found at ``location``. The catalog sets its two location annotations."""

    @abstractmethod
    def document(self, document: SourceDocument) -> None:
        """Emit what ``context.parse`` gave: its entity, or its error."""

    @abstractmethod
    def location(self, location: LocationRef, *, optional: bool = False) -> None:
        """Emit a further location to read, as a generated Location entity."""

    @abstractmethod
    def relation(self, relation: Relation) -> None:
        """Emit one direction of a relation; the entity in processing owns it, whatever its source is."""

    @abstractmethod
    def error(self, error: Exception, location: LocationRef, *, position: SourcePosition | None = None) -> None:
        """Emit an error without stopping the run. The run counts as failed, so the last good version stays."""

    @abstractmethod
    def refresh_key(self, key: str) -> None:
        """Emit a key, such as ``url:https://…``, under which this entity can be told to refresh itself."""


class ProcessorCache(ABC):
    """What one processor remembers about one entity, or one target of it, between runs. Values are JSON."""

    @abstractmethod
    def get(self, key: str) -> JSON:
        """Return what an earlier run stored, or None."""

    @abstractmethod
    def set(self, key: str, value: JSON) -> None:
        """Store a value for the next run."""


Parser = Callable[[bytes, LocationRef], Iterable[SourceDocument]]


@dataclass(frozen=True, slots=True)
class ProcessingContext:
    """What a processor is told about the entity in hand, and where its findings go."""

    #: The file that the entity came from, and the registered or configured location that led there.
    location: LocationRef
    origin_location: LocationRef
    emit: Emitter
    cache: ProcessorCache


@dataclass(frozen=True, slots=True)
class ReadContext(ProcessingContext):
    """What a processor is told when it reads a target of a Location entity. ``cache`` belongs to that target."""

    #: True if a missing target is no error (``spec.presence: optional``).
    optional: bool
    #: Splits a file's bytes into documents; a broken document is one with an error.
    parse: Parser


class Processor(ABC):
    """A step in the processing of every entity. Override the hooks that you need; the others cost nothing.

    An exception from any hook fails the run: the entity keeps its last good version and the message is shown with it.
    """

    #: Unique, and stable: configuration (``catalog.processorOptions.<name>``) and caches go by it.
    name: ClassVar[str] = ""
    #: Lower runs earlier; ties run in the order in which they were added.
    priority: ClassVar[int] = DEFAULT_PRIORITY
    #: Types that ``read_location`` knows, for messages that list what could be read.
    location_types: ClassVar[tuple[str, ...]] = ()
    #: Whether all that the hooks but ``read_location`` give follows from the entity and the configuration. A run may be
    #: left out that would only give again what is stored, if all processors say so of themselves; that of a Location
    #: only if there is a ``fingerprint`` of each target.
    repeatable: ClassVar[bool] = False

    def pre_process_entity(self, entity: Entity, context: ProcessingContext) -> Entity:
        """Return the entity, completed; called before it is validated. Don't change the argument in place."""
        return entity

    def validate_entity_kind(self, entity: Entity) -> bool:
        """Return True if the kind is yours and the entity valid, False if the kind isn't yours; else raise."""
        return False

    def read_location(self, location: LocationRef, context: ReadContext) -> bool:
        """Read a target of a Location entity and emit what is there; return False to leave it to the next processor.

        ``location`` is absolute. Emit errors rather than raise them: other targets are still read.
        """
        return False

    def fingerprint(self, location: LocationRef) -> str | None:
        """Return what differs whenever ``read_location`` would find something else; None if that can't be told.

        It is asked for before the location is read, and again when it is due to be.
        """
        return None

    def post_process_entity(self, entity: Entity, context: ProcessingContext) -> Entity:
        """Return the entity, which is valid by now; the place to emit relations."""
        return entity


class EntityProviderConnection(ABC):
    """What the catalog gives a provider to speak through."""

    @abstractmethod
    def apply_full_mutation(self, entities: Iterable[DeferredEntity]) -> None:
        """Make these the provider's entities: new ones are added, changed ones updated, absent ones removed.

        Each entity must carry both location annotations. One that isn't an entity at all fails the whole mutation.
        """

    @abstractmethod
    def apply_delta_mutation(self, *, added: Iterable[DeferredEntity] = (), removed: Iterable[str] = ()) -> None:
        """Add or update some entities and remove others, given by ref; the provider's remaining entities stay."""

    @abstractmethod
    def refresh(self, keys: Iterable[str]) -> None:
        """Make every entity due that emitted one of these refresh keys."""


class EntityProvider(ABC):
    """A source of entities beside the files that Locations point at: an organisation's directory, an SCM host."""

    #: Unique, and stable: the provider's entities are kept under it.
    name: str = ""

    @abstractmethod
    def connect(self, connection: EntityProviderConnection) -> None:
        """Keep the connection, and apply what is known. Called once in each worker, when it starts."""


class ScheduledEntityProvider(EntityProvider):
    """A provider that looks through its source at intervals, and may hear of changes in between.

    Any worker may do a run, and another one the next: keep nothing on the provider.
    """

    #: ``frequency, timeout, initial_delay, scope``, as ``portal.services.scheduler.read_schedule`` returns them.
    schedule: Mapping[str, Any]
    #: Topics of the events that it wants to hear of.
    topics: Sequence[str] = ()

    def connect(self, connection: EntityProviderConnection) -> None:
        """Leave everything to the schedule."""

    @abstractmethod
    def refresh(self, connection: EntityProviderConnection) -> None:
        """Read the whole source and apply what is there. Called as the task ``<name>:refresh`` of the catalog.

        What it raises is logged and kept with the task, and the provider's entities stay as they are. A run that takes
        long asks ``current_run()`` now and then whether it should stop.
        """

    def on_event(self, event: Event, connection: EntityProviderConnection) -> bool:
        """Apply a piece of news, quickly; or return True, which makes ``refresh`` due at once."""
        return False


class Placeholder(ABC):
    """A ``{$key: value}`` that was met in an entity, and the means to replace it."""

    key: str
    value: JSON

    @abstractmethod
    def resolve(self, target: JSON, base: LocationRef | None = None) -> LocationRef:
        """Return the file that an absolute URL or a path relative to ``base`` (default: the entity's file) means."""

    @abstractmethod
    def read(self, source: LocationRef) -> bytes:
        """Return a file's content, and see to it that news of the file refreshes the entity."""


PlaceholderResolver = Callable[[Placeholder], JSON]


@dataclass(frozen=True, slots=True)
class FailedEntity:
    """An entity that couldn't be processed, as its source gave it, and why: each error has a name and a message,
    and perhaps location, document and line.
    """

    entity: Entity
    errors: Sequence[Mapping[str, Any]]


ProcessingErrorHandler = Callable[[FailedEntity], object]


class CatalogProcessing(ExtensionPoint):
    """How entities come in and what is done to them (Backstage's ``catalog.processing``)."""

    id = "catalog.processing"
    plugin_id = "catalog"

    def __init__(self) -> None:
        super().__init__()
        self.processors: list[Processor] = []
        self.entity_providers: list[EntityProvider] = []
        self.placeholder_resolvers: dict[str, PlaceholderResolver] = {}
        self.error_handlers: list[ProcessingErrorHandler] = []

    def add_processor(self, *processors: Processor) -> None:
        """Add processors; they run after the catalog's own of the same priority."""
        self.require_open()
        for processor in processors:
            require_new("processor", processor.name, processor, self.processors)
            self.processors.append(processor)

    def add_entity_provider(self, *providers: EntityProvider) -> None:
        """Add entity providers."""
        self.require_open()
        for provider in providers:
            require_new("entity provider", provider.name, provider, self.entity_providers)
            self.entity_providers.append(provider)

    def add_placeholder_resolver(self, key: str, resolver: PlaceholderResolver) -> None:
        """Make ``{$key: …}`` mean something anywhere in an entity; ``key`` is without the dollar sign."""
        self.require_open()
        if not key or key.startswith("$"):
            raise InputError(f"A placeholder resolver's key is a word without the dollar sign; found {key!r}.")
        if key in self.placeholder_resolvers:
            raise ConflictError(
                f"There are two resolvers for the placeholder '${key}'; uninstall one of their modules."
            )
        self.placeholder_resolvers[key] = resolver

    def on_processing_error(self, handler: ProcessingErrorHandler) -> None:
        """Have ``handler`` called when a run of an entity has failed, and not as the one before it did.

        It is called in the worker, which waits for it: be quick. What it raises is logged and changes nothing.
        """
        self.require_open()
        self.error_handlers.append(handler)


def require_new(what: str, name: str, new: object, known: Iterable[Any]) -> None:
    """Raise unless ``name`` is there and none of ``known`` bears it."""
    if not name:
        raise InputError(f"{type(new).__module__}.{type(new).__qualname__}: the {what} has no name.")
    for other in known:
        if other.name == name:
            raise ConflictError(
                f"There are two of the {what} '{name}': {type(other).__module__}.{type(other).__qualname__} and "
                f"{type(new).__module__}.{type(new).__qualname__}. Names must be unique."
            )
