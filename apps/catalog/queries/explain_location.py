"""Why what is in a file, or below an address, is in the catalog or isn't."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import orjson
from django.db.models import Case, Q, Value, When
from django.utils import timezone

from apps.catalog.models import Conflict, Location, RefreshEdge, RefreshKey, RefreshState, SearchEntry
from apps.catalog.queries.advice import advice_on
from apps.catalog.queries.explain import source_of, verdict_of
from apps.catalog.queries.explanations import Explanation, NameConflict, Outcome, Source, Verdict
from apps.catalog.queries.file_steps import steps_of_file
from apps.catalog.queries.refresh_states import LOCATION_PREFIX
from apps.catalog.queries.steps import Step, StepState, steps_of
from apps.catalog.queries.traces import Trace, Traces, may_name_places
from portal.credentials import Credentials
from portal.entities import ANNOTATION_LOCATION, EntityRef, LocationRef, location_entity_name, parse_location_ref

#: Below one address, so many Locations are looked at, and so many of the entities that they led to.
MAX_LOCATIONS = 50
MAX_ENTITIES = 200
MAX_NEARBY = 10
#: What hosts show one and the same path as.
VIEWS = ("/blob/", "/tree/", "/raw/", "/edit/", "/blame/")


@dataclass(frozen=True, slots=True)
class Address:
    """A place that somebody asks about: a file, or all that lies below."""

    type: str
    #: The ways in which it may be written, none with a slash at its end.
    targets: tuple[str, ...]

    @classmethod
    def of(cls, location: LocationRef) -> Address:
        """Return the address as people copy it from a browser: whatever the host shows it as."""
        target = location.target.partition("#")[0].rstrip("/")
        shown = next((view for view in VIEWS if view in target), None)
        forms = [target.replace(shown, view, 1) for view in VIEWS] if shown and location.type == "url" else []
        return cls(location.type, tuple(dict.fromkeys([target, *forms])))

    def covers(self, place: str) -> bool:
        """Say whether a location, as ``<type>:<target>``, is this address or lies below it."""
        return any(place == text or place.startswith((f"{text}/", f"{text}?")) for text in self._texts())

    def matches(self, field: str, *, typed: bool, lower: bool = False) -> Q:
        """Return the condition that a column holds this address, or one below it."""
        found = Q()
        for text in self._texts() if typed else self.targets:
            wanted = text.lower() if lower else text
            found |= Q(**{field: wanted})
            found |= Q(**{f"{field}__startswith": f"{wanted}/"}) | Q(**{f"{field}__startswith": f"{wanted}?"})
        return found

    def in_errors(self) -> Q:
        """Return the condition that the errors of a run, which are compact JSON, are about this address or below."""
        found = Q()
        for text in self._texts():
            quoted = orjson.dumps(text).decode().removesuffix('"')
            for end in ('"', "/", "?"):
                found |= Q(errors__contains=f'"location":{quoted}{end}')
        return found

    def repository(self) -> Address | None:
        """Return the first two parts of the path, which at most hosts are a repository; None if that's the address."""
        parts = urlsplit(self.targets[0])
        path = [part for part in parts.path.split("/") if part]
        if self.type != "url" or len(path) < 3:
            return None
        return Address(self.type, (f"{parts.scheme}://{parts.netloc}/{'/'.join(path[:2])}",))

    def _texts(self) -> list[str]:
        return [f"{self.type}:{target}" for target in self.targets]


def explain_location(location: LocationRef, *, credentials: Credentials) -> Explanation:
    """Return what became of a file, or of everything below an address. At most eleven queries.

    It takes the right to see locations; without it, nothing is known.
    """
    address = Address.of(location)
    told = may_name_places(credentials)
    refs = _locations_reading(address) if told else []
    children = _children(refs) if refs or not told else _provided(address)
    traces = Traces([*refs, *children], credentials=credentials)
    sources = [_source(traces[ref], traces, address) for ref in refs if traces[ref].state is not None]
    found = [one for ref in children if (one := traces[ref]).state is not None and address.covers(one.place)]
    if not refs:
        sources = [Source(provider) for provider in dict.fromkeys(name for one in found for name in one.providers)]
    conflicts = _conflicts(refs, address)
    steps = steps_of_file(sources, found, conflicts, may_name_places=told)
    outcomes = [Outcome(one.ref, _verdict_of_one(one, traces), one.problems) for one in found]
    runs = [source.next_run_at for source in sources if source.next_run_at]
    runs += [one.state.next_run_at for one in found if one.state and not one.is_processed]
    explanation = Explanation(
        location=str(location),
        verdict=_verdict(steps, outcomes),
        steps=steps,
        sources=sources,
        conflicts=conflicts,
        entities=sorted(outcomes, key=lambda one: (one.verdict is Verdict.SERVED, one.ref)),
        entity_count=len(outcomes),
        next_run_at=min(runs, default=None),
        is_due=any(run <= timezone.now() for run in runs) or any(one.awaits_stitching for one in found),
    )
    if told and not sources:
        explanation.nearby = _nearby(address, credentials)
    explanation.advice = advice_on(explanation)
    return explanation


def _locations_reading(address: Address) -> list[str]:
    """Return refs of Locations that read an address: by what they read, what they are to read, and what went wrong."""
    names = [location_entity_name(address.type, target) for target in address.targets]
    generated = [str(EntityRef("location", "default", name)) for name in names]
    stated = RefreshState.objects.filter(entity_ref__in=generated)
    failed = RefreshState.objects.failing().filter(address.in_errors(), entity_ref__startswith=LOCATION_PREFIX)
    read = RefreshKey.objects.filter(address.matches("key", typed=True), entity__entity_ref__startswith=LOCATION_PREFIX)
    meant = SearchEntry.objects.filter(
        address.matches("value", typed=False, lower=True),
        key__in=("spec.target", "spec.targets"),
        entity__entity_ref__startswith=LOCATION_PREFIX,
    )
    registered = Location.objects.filter(address.matches("target", typed=False), type=address.type)
    rows = (
        stated.order_by()
        .values_list("entity_ref")
        .union(
            failed.order_by().values_list("entity_ref"),
            read.order_by().values_list("entity__entity_ref"),
            meant.order_by().values_list("entity__entity_ref"),
            registered.order_by().values_list("location_entity_ref"),
        )
    )
    return sorted(ref for (ref,) in rows[:MAX_LOCATIONS])


def _children(refs: Sequence[str]) -> list[str]:
    """Return what Locations led to, those with mistakes first."""
    if not refs:
        return []
    led_to = RefreshEdge.objects.filter(source_entity_ref__in=refs).values("target_entity_ref")
    failing_first = Case(When(errors__gt="", then=Value(0)), default=Value(1))
    rows = RefreshState.objects.filter(entity_ref__in=led_to).order_by(failing_first, "entity_ref")
    return list(rows.values_list("entity_ref", flat=True)[:MAX_ENTITIES])


def _provided(address: Address) -> list[str]:
    """Return entities that a provider says are from an address, as that of a team: there is no Location then."""
    rows = SearchEntry.objects.filter(
        address.matches("value", typed=True, lower=True), key=f"metadata.annotations.{ANNOTATION_LOCATION}"
    )
    return list(rows.order_by("entity__entity_ref").values_list("entity__entity_ref", flat=True)[:MAX_ENTITIES])


def _source(trace: Trace, traces: Traces, address: Address) -> Source:
    """Return a Location with what is wrong at the address; its other files are another matter."""
    source = source_of(trace, traces)
    mine = [one for one in source.problems if one.location in {"", trace.place} or address.covers(one.location)]
    return replace(source, problems=mine)


def _conflicts(refs: Iterable[str], address: Address) -> list[NameConflict]:
    """Return what is left out of a file since its name belongs to others."""
    rows = Conflict.objects.filter(source__in=list(refs)).order_by("entity_ref")
    return [
        NameConflict(one.entity_ref, one.owner_key, one.location_key or one.source, one.first_seen_at, one.last_seen_at)
        for one in rows
        if address.covers(one.location_key)
    ]


def _verdict_of_one(trace: Trace, traces: Traces) -> Verdict:
    # A mistake elsewhere in the file is told with the file.
    own = [step for step in steps_of(trace, traces) if step.id not in {"source", "read"}]
    return verdict_of(trace, own)


def _verdict(steps: Sequence[Step], outcomes: Sequence[Outcome]) -> Verdict:
    states = {step.id: step.state for step in steps}
    failed = {step_id for step_id, state in states.items() if state is StepState.FAILED}
    if states["source"] is not StepState.OK:
        return Verdict.UNKNOWN
    if failed & {"read", "found", "valid"}:
        return Verdict.OUTDATED if any(one.verdict is not Verdict.INVALID for one in outcomes) else Verdict.INVALID
    if "allowed" in failed:
        return Verdict.REFUSED
    if "name" in failed:
        return Verdict.CONFLICT
    return Verdict.WAITING if StepState.WAITING in states.values() else Verdict.SERVED


def _nearby(address: Address, credentials: Credentials) -> list[str]:
    """Return what is read of the same repository."""
    repository = address.repository()
    if repository is None:
        return []
    traces = Traces(_locations_reading(repository)[:MAX_NEARBY], credentials=credentials)
    return sorted({target for trace in traces for target in trace.targets if repository.covers(target)})


def parse_place(text: str) -> LocationRef:
    """Read what somebody gives for a file: an address, an absolute path, or a location as ``<type>:<target>``.

    Raises ``InputError``.
    """
    place = text.strip()
    if place.startswith(("https://", "http://")):
        return parse_location_ref(f"url:{place}")
    return parse_location_ref(f"file:{place}" if place.startswith("/") else place)
