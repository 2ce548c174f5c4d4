"""What a run of the pipeline gives: a processed entity and what it emitted, or the errors that stopped it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from apps.catalog.extension_points import DeferredEntity, Processor, SourcePosition
from portal.entities import Entity, LocationRef, Relation
from portal.errors import InputError, PortalError

#: Messages may quote what a server answered; no longer than this.
MAX_MESSAGE = 5000


@dataclass(frozen=True, slots=True)
class ProcessingError:
    """Something that is wrong with an entity or with the files that it points at.

    ``message`` is complete in itself: it names the file, the place in it, the field and the rule. The other fields
    repeat the place for machines, and for pages that sort by it and link there.
    """

    name: str
    message: str
    #: The location ref of the file that it is about.
    location: str = ""
    #: The number of the document in it and the line on which that begins, from 1.
    document: int | None = None
    line: int | None = None
    #: Name and message of the error behind this one.
    cause: tuple[str, str] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form: ``{name, message, cause?: {name, message}, location?, document?, line?}``."""
        form: dict[str, Any] = {"name": self.name, "message": self.message}
        if self.cause is not None:
            form["cause"] = {"name": self.cause[0], "message": self.cause[1]}
        if self.location:
            form["location"] = self.location
        if self.document is not None:
            form |= {"document": self.document, "line": self.line}
        return form


class Source(NamedTuple):
    """A location, the processor that was asked to read it, and the fingerprint that this had of it before."""

    location: LocationRef
    processor: Processor
    fingerprint: str | None

    @property
    def is_unchanged(self) -> bool:
        """Whether the same would be found there now."""
        return self.fingerprint is not None and self.processor.fingerprint(self.location) == self.fingerprint


@dataclass(slots=True)
class ProcessingResult:
    """The outcome of one run.

    With ``ok`` False, only ``errors`` and ``state`` may be stored: the last good version of the entity, its children
    and its relations stay as they are. What was found all the same is there to be shown. ``state`` is handed to the
    next run in either case.
    """

    ok: bool
    state: dict[str, Any]
    completed_entity: Entity | None = None
    deferred: list[DeferredEntity] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    refresh_keys: list[str] = field(default_factory=list)
    errors: list[ProcessingError] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)


def describe_error(
    error: Exception,
    *,
    step: str = "",
    subject: str = "",
    location: str = "",
    position: SourcePosition | None = None,
    cause_name: str = "",
) -> ProcessingError:
    """Turn an exception into a ``ProcessingError``.

    ``step`` says what the pipeline was doing; with it, the exception becomes the cause of an error of the pipeline's
    own, which clients know by the name ``InputError``. ``cause_name`` is what they know the cause by, if that differs.
    An exception that names the ``subject`` says enough: the step is left out of the message.
    """
    name = error.name if isinstance(error, PortalError) else type(error).__name__
    message = detail = (str(error) or name)[:MAX_MESSAGE]
    cause = None
    if step:
        name, cause = InputError.name, (cause_name or name, detail)
        message = detail if subject and subject in detail else f"{step}: {detail}"
    return ProcessingError(
        name=name,
        message=_placed(message, location, position),
        location=location,
        document=position.document if position else None,
        line=position.line if position else None,
        cause=cause,
    )


def _placed(message: str, location: str, position: SourcePosition | None) -> str:
    """Add to a message where it is about, leaving out what it says already."""
    named = location.partition(":")[2] in message
    parts = [str(part) for part in (None if named else location, position) if part]
    return f"{message.removesuffix('.')} (in {', '.join(parts)})" if parts else message
