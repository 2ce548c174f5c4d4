"""One run of one entity through the stages of the pipeline."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from apps.catalog.extension_points import Parser, ProcessingContext, Processor, ReadContext, SourcePosition
from apps.catalog.processing.collector import Collector
from apps.catalog.processing.results import ProcessingError, Source, describe_error
from apps.catalog.processing.rules import CatalogRules
from apps.catalog.processing.state import CacheOfEntity, State
from portal.entities import (
    ANNOTATION_LOCATION,
    ANNOTATION_ORIGIN_LOCATION,
    Entity,
    FieldFormats,
    LocationRef,
    apply_policies,
    location_of,
    origin_location_of,
    ref_of,
    require_indexable,
    validate_envelope,
)
from portal.errors import ConflictError, InputError, NotAllowedError, PortalError
from portal.integrations import ScmIntegrations
from portal.services.logger import PluginLogger


class RunFailed(Exception):
    """Ends a run early; ``error`` is what its result says."""

    def __init__(self, error: ProcessingError) -> None:
        super().__init__(error.message)
        self.error = error


class Pipeline:
    """What all runs have in common: the processors, sorted by hook so that a hook not overridden costs nothing."""

    def __init__(
        self,
        *,
        processors: Sequence[Processor],
        rules: CatalogRules,
        allowed_types: Sequence[str],
        integrations: ScmIntegrations,
        parse: Parser,
        formats: FieldFormats,
        logger: PluginLogger,
    ) -> None:
        self.rules = rules
        #: The location types that a Location may switch to from the type of its own file.
        self.allowed_types = tuple(allowed_types)
        self.integrations = integrations
        self.parse = parse
        self.formats = formats
        self.logger = logger

        def overriding(hook: str) -> list[Processor]:
            return [one for one in processors if getattr(type(one), hook) is not getattr(Processor, hook)]

        self.preparing = overriding("pre_process_entity")
        self.validating = overriding("validate_entity_kind")
        self.reading = overriding("read_location")
        self.finishing = overriding("post_process_entity")
        #: Whether an entity that nothing is read for always gives the same.
        self.repeatable = all(one.repeatable for one in (*self.preparing, *self.validating, *self.finishing))
        self.location_types = sorted({type_ for one in self.reading for type_ in one.location_types})


class Run:
    """The stages for one entity, in the order of the methods. Each raises ``RunFailed`` when there is no going on."""

    def __init__(self, pipeline: Pipeline, entity: Entity, position: SourcePosition | None, state: State) -> None:
        self._pipeline = pipeline
        self._position = position
        self._place = ""
        try:
            validate_envelope(entity)
            self.ref = str(ref_of(entity))
            _require_location_annotations(entity)
            self.location = location_of(entity)
            self.origin = origin_location_of(entity)
        except InputError as error:
            raise self._failed(error, "The entity can't be processed") from error
        self._place = str(self.location)
        self.cache = CacheOfEntity(state)
        self.collector = Collector(entity, self.ref, pipeline.logger)
        self.sources: list[Source] = []
        self._contexts: dict[str, ProcessingContext] = {}

    def stages(self, entity: Entity) -> Entity:
        """Take the entity through all stages, and return it completed."""
        entity = self._prepared(entity)
        entity = self._by_policies(entity)
        self._validate(entity)
        if entity["kind"] == "Location":
            self._read_targets(entity.get("spec") or {})
        entity = self._finished(entity)
        self._check_index(entity)
        self._check_rules()
        return entity

    def _prepared(self, entity: Entity) -> Entity:
        for processor in self._pipeline.preparing:
            entity = self._changed(processor, processor.pre_process_entity, entity, "preparing")
        return entity

    def _by_policies(self, entity: Entity) -> Entity:
        try:
            return apply_policies(entity, self._pipeline.formats)
        except InputError as error:
            broken = error.__cause__ if isinstance(error.__cause__, InputError) else error
            step = f"Policy check failed for {self.ref}"
            raise self._failed(broken, step, subject=self.ref, cause_name="Error") from error

    def _validate(self, entity: Entity) -> None:
        if str(ref_of(entity)) != self.ref:
            error = ConflictError(
                f"A processor changed the entity's kind, namespace or name: {self.ref} became {ref_of(entity)}."
            )
            raise self._failed(error)
        valid = False
        for processor in self._pipeline.validating:
            try:
                # All are asked, even after one has said yes: a module may narrow a built-in kind.
                valid = processor.validate_entity_kind(entity) or valid
            except Exception as error:
                step = f"{processor.name} refuses {self.ref}"
                raise self._failed(error, step, subject=self.ref, cause_name="TypeError") from error
        if not valid:
            unknown = InputError(
                f"No processor recognized the entity {self.ref} as valid: kind '{entity['kind']}' with apiVersion "
                f"'{entity['apiVersion']}' is none that this catalog knows. Kinds are case-sensitive."
            )
            raise self._failed(unknown)

    def _read_targets(self, spec: dict[str, Any]) -> None:
        """Read what a Location points at. Errors are collected, so that each target is tried."""
        type_ = spec.get("type") or self.location.type
        allowed = dict.fromkeys([self.location.type, *self._pipeline.allowed_types])
        if type_ not in allowed:
            error = InputError(
                f"spec.type of {self.ref} is '{type_}'; a Location that comes from a {self.location.type} may have the "
                f"type {' or '.join(allowed)}."
            )
            self.collector.error(error, self.location, position=self._position)
            return
        optional = spec.get("presence") == "optional"
        for target in [*filter(None, [spec.get("target")]), *(spec.get("targets") or [])]:
            self._read_target(type_, target, optional=optional)

    def _read_target(self, type_: str, target: str, *, optional: bool) -> None:
        try:
            location = self._absolute(type_, target)
        except InputError as error:
            self.collector.error(error, self.location, position=self._position)
            return
        for processor in self._pipeline.reading:
            context = ReadContext(
                location=self.location,
                origin_location=self.origin,
                emit=self.collector,
                cache=self.cache.for_target(processor.name, location.target),
                optional=optional,
                parse=self._pipeline.parse,
            )
            try:
                self.sources.append(Source(location, processor, processor.fingerprint(location)))
                if processor.read_location(location, context):
                    return
            except Exception as error:
                raise self._failed(error, f"{processor.name} failed to read {location}") from error
        unread = InputError(
            f"No processor reads locations of type '{type_}' ({location}); installed ones read: "
            f"{', '.join(self._pipeline.location_types) or 'none'}."
        )
        self.collector.error(unread, self.location, position=self._position)

    def _absolute(self, type_: str, target: str) -> LocationRef:
        """Return a target of the Location as seen from anywhere. Raises ``InputError`` if there is no sense in it."""
        if type_ == "file" and target.endswith(os.sep):
            raise InputError(
                f"The target '{target}' of {self.ref} is a folder; a file location names a file or a pattern such as "
                f"'{target}*.yaml'."
            )
        if type_ == self.location.type == "file" and target.startswith("."):
            target = os.path.normpath(os.path.join(os.path.dirname(self.location.target), target))  # noqa: PTH118, PTH120
        elif type_ == self.location.type == "url":
            target = self._pipeline.integrations.resolve_url(target, self.location.target)
        location = LocationRef(type_, target)
        str(location)  # refuses what isn't safe to show as a link
        return location

    def _finished(self, entity: Entity) -> Entity:
        for processor in self._pipeline.finishing:
            entity = self._changed(processor, processor.post_process_entity, entity, "finishing")
        return entity

    def _check_index(self, entity: Entity) -> None:
        """See that the entity can be indexed: here, where its people are told, rather than when it is stitched."""
        try:
            require_indexable(entity)
        except InputError as error:
            raise self._failed(error, f"{self.ref} can't be indexed", subject=self.ref) from error

    def _check_rules(self) -> None:
        """Record an error for each emitted entity whose kind isn't allowed from the location that led here."""
        if not self.collector.entities:
            return
        permitted = self._pipeline.rules.permitted(self.origin)
        for emitted in self.collector.entities:
            if emitted.deferred.entity not in permitted:
                error = NotAllowedError(
                    f"{ref_of(emitted.deferred.entity)} is of a kind that catalog.rules doesn't allow from "
                    f"{self.origin} (allowed: {permitted})"
                )
                self.collector.error(error, emitted.location, position=emitted.position)

    def _changed(
        self,
        processor: Processor,
        hook: Callable[[Entity, ProcessingContext], Entity],
        entity: Entity,
        doing: str,
    ) -> Entity:
        context = self._contexts.get(processor.name)
        if context is None:
            context = self._contexts[processor.name] = ProcessingContext(
                location=self.location,
                origin_location=self.origin,
                emit=self.collector,
                cache=self.cache.for_processor(processor.name),
            )
        try:
            changed: object = hook(entity, context)
            if not isinstance(changed, dict):
                raise TypeError(f"it returned {changed!r} in place of the entity")
            return changed
        except Exception as error:
            raise self._failed(error, f"{processor.name} failed when {doing} {self.ref}") from error

    def _failed(self, error: Exception, step: str = "", *, subject: str = "", cause_name: str = "") -> RunFailed:
        if not isinstance(error, PortalError):
            self._pipeline.logger.error(step, location=self._place, exc_info=error)
        told = describe_error(
            error,
            step=step,
            subject=subject,
            location=self._place,
            position=self._position,
            cause_name=cause_name,
        )
        return RunFailed(told)


def _require_location_annotations(entity: Entity) -> None:
    """Raise ``InputError`` unless what the location annotations are looked up in, and they, have the right type."""
    annotations = entity["metadata"].get("annotations")
    if annotations is not None and not isinstance(annotations, dict):
        raise InputError(f'"metadata.annotations" of {ref_of(entity)} must be an object; found {annotations!r}.')
    for key in (ANNOTATION_LOCATION, ANNOTATION_ORIGIN_LOCATION):
        value = (annotations or {}).get(key)
        if value is not None and not isinstance(value, str):
            raise InputError(f"The annotation {key} of {ref_of(entity)} must be a text; found {value!r}.")
