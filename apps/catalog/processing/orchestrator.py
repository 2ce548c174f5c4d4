"""The pipeline: one entity in, one processed entity and its findings out.

The stages, in order: envelope, pre-processing, policies, validation of the kind, reading of targets (Locations only),
post-processing, catalog rules. What goes wrong in any of them ends up in the result; nothing is raised.
"""

from __future__ import annotations

from collections.abc import Sequence

from apps.catalog.extension_points import Parser, Processor
from apps.catalog.processing.known_runs import KnownRuns
from apps.catalog.processing.parsing import parse_source
from apps.catalog.processing.positions import take_position
from apps.catalog.processing.results import ProcessingError, ProcessingResult, describe_error
from apps.catalog.processing.rules import CatalogRules
from apps.catalog.processing.run import Pipeline, Run, RunFailed
from apps.catalog.processing.state import State, state_after_failure, state_after_success
from portal.entities import DEFAULT_FORMATS, Entity, FieldFormats
from portal.integrations import ScmIntegrations
from portal.services.logger import PluginLogger

#: Of a file with more wrong documents than this, the rest is only counted.
MAX_ERRORS = 100


class Orchestrator:
    """Runs entities through the processors. Safe to use from several threads."""

    def __init__(
        self,
        *,
        processors: Sequence[Processor],
        rules: CatalogRules,
        allowed_types: Sequence[str],
        integrations: ScmIntegrations,
        logger: PluginLogger,
        parse: Parser = parse_source,
        formats: FieldFormats = DEFAULT_FORMATS,
    ) -> None:
        """Take the processors in the order in which they run, and the location types that Locations may switch to."""
        self.processors = tuple(processors)
        self.known_runs = KnownRuns()
        self._pipeline = Pipeline(
            processors=processors,
            rules=rules,
            allowed_types=allowed_types,
            integrations=integrations,
            logger=logger,
            parse=parse,
            formats=formats,
        )

    @property
    def repeatable(self) -> bool:
        """Whether an entity that nothing is read for always gives the same."""
        return self._pipeline.repeatable

    def process(self, entity: Entity, state: State | None = None) -> ProcessingResult:
        """Process one entity.

        ``entity`` is as its provider or its parent gave it, with both location annotations; it isn't changed.
        ``state`` is the one in the last run's result. Any bad input gives a result with ``ok`` False and errors.
        """
        state = state or {}
        try:
            return self._process(entity, state)
        except Exception as error:  # one entity must not stop the others
            self._pipeline.logger.error("Processing broke down", exc_info=error)
            return failed(error, state, step="Processing broke down; the log has the details")

    def _process(self, entity: Entity, state: State) -> ProcessingResult:
        entity, position = take_position(entity)
        try:
            run = Run(self._pipeline, entity, position, state)
        except RunFailed as failed:
            return ProcessingResult(ok=False, state=state_after_failure(state), errors=[failed.error])
        try:
            completed = run.stages(entity)
        except RunFailed as failed:
            errors = _capped([*run.collector.errors, failed.error])
            return ProcessingResult(ok=False, state=state_after_failure(state), errors=errors)
        finally:
            run.collector.close()
        found = run.collector
        ok = not found.errors
        return ProcessingResult(
            ok=ok,
            state=state_after_success(run.cache) if ok else state_after_failure(state),
            completed_entity=completed,
            deferred=[emitted.deferred for emitted in found.entities],
            relations=found.relations,
            refresh_keys=list(found.refresh_keys),
            errors=_capped(found.errors),
            sources=run.sources,
        )


def failed(error: Exception, state: State, *, step: str) -> ProcessingResult:
    """Return the result of a run that came to nothing; ``step`` says at which point."""
    return ProcessingResult(ok=False, state=state_after_failure(state), errors=[describe_error(error, step=step)])


def _capped(errors: list[ProcessingError]) -> list[ProcessingError]:
    if len(errors) <= MAX_ERRORS:
        return errors
    rest = ProcessingError(name="InputError", message=f"There are {len(errors) - MAX_ERRORS} more errors like these.")
    return [*errors[:MAX_ERRORS], rest]
