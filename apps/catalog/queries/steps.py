"""The steps that an entity passes on its way into the catalog, and how far it came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.catalog.queries.refresh_states import Problem
from apps.catalog.queries.suspects import problems_naming
from apps.catalog.queries.traces import Trace, Traces

#: Of the problems of a file, so many are told.
MAX_PROBLEMS = 20


class StepState(StrEnum):
    """How an entity got on at a step."""

    OK = "ok"
    FAILED = "failed"
    WAITING = "waiting"
    #: Not reached, or not for whoever asks to know.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Step:
    """A step, and what there is to say of it."""

    id: str
    title: str
    state: StepState
    message: str
    problems: Sequence[Problem] = ()


TITLES = {
    "source": gettext_noop("Source"),
    "read": gettext_noop("Reading"),
    "found": gettext_noop("Discovery"),
    "allowed": gettext_noop("Catalog rules"),
    "valid": gettext_noop("Validation"),
    "processed": gettext_noop("Processing"),
    "name": gettext_noop("Name"),
    "served": gettext_noop("Catalog"),
    "visible": gettext_noop("Permission"),
}
NOT_REACHED = gettext_noop("It didn't come this far.")


def steps_of(trace: Trace, traces: Traces) -> list[Step]:
    """Return the steps of an entity that is in the pipeline."""
    return [
        _source(trace, traces),
        _read(trace, traces),
        _step("found", StepState.OK, _found(trace)),
        _step("allowed", StepState.OK, _("Its kind is allowed from there.")),
        _valid(trace),
        _processed(trace),
        _name(trace, traces),
        _served(trace),
        _visible(traces, is_known=True),
    ]


def steps_of_unknown(trace: Trace, traces: Traces, refusing: Sequence[Trace]) -> list[Step]:
    """Return the steps of an entity that isn't in the pipeline; ``refusing`` are Locations whose mistakes name it."""
    rest = [_step(name, StepState.UNKNOWN, _(NOT_REACHED)) for name in ("valid", "processed", "name", "served")]
    if trace.losers:
        rest[2] = _name(trace, traces)
        known = [_step(name, StepState.OK, _(text)) for name, text in _LOST]
        return [*known, *rest, _visible(traces, is_known=True)]
    if refusing:
        titles = _listed(one.title for one in refusing)
        found = [problem for one in refusing for problem in problems_naming(trace.ref, one)]
        known = [
            _step("source", StepState.OK, _("%(titles)s has it.") % {"titles": titles}),
            _step("read", StepState.OK, _("It could be read.")),
            _step("found", StepState.OK, _("The entity is in it.")),
            _step("allowed", StepState.FAILED, _("It was refused."), found),
        ]
        return [*known, *rest, _visible(traces, is_known=True)]
    if traces.may_name_places:
        source = _step("source", StepState.FAILED, _("No location and no provider has brought an entity of this name."))
    else:
        text = _("You may not see locations (catalog.location.read), so it can't be said whether one has it.")
        source = _step("source", StepState.UNKNOWN, text)
    known = [source, *(_step(name, StepState.UNKNOWN, _(NOT_REACHED)) for name in ("read", "found", "allowed"))]
    return [*known, *rest, _visible(traces, is_known=False)]


#: What is known of an entity that lost its name.
_LOST = (
    ("source", gettext_noop("A location or a provider has it.")),
    ("read", gettext_noop("It could be read.")),
    ("found", gettext_noop("The entity is in it.")),
    ("allowed", gettext_noop("Its kind is allowed from there.")),
)


def _source(trace: Trace, traces: Traces) -> Step:
    parents = [traces[parent].title for parent in trace.parents if traces[parent].state is not None]
    if not trace.parents and not trace.providers:
        text = _("Nothing leads to it any more: what had it was removed, or no longer has it.")
        return _step("source", StepState.FAILED, text)
    named = _listed(
        [*parents, *(_("the provider %(provider)s") % {"provider": provider} for provider in trace.providers)]
    )
    return _step(
        "source", StepState.OK, _("It comes from %(places)s.") % {"places": named or _("a place that you may not see")}
    )


def _read(trace: Trace, traces: Traces) -> Step:
    parents = [traces[parent] for parent in trace.parents]
    seen = [parent for parent in parents if parent.state is not None]
    broken = [parent for parent in seen if parent.problems]
    if broken:
        text = _(
            "There are mistakes in what %(titles)s leads to. Until they are corrected, nothing that comes from it is "
            "brought up to date."
        )
        problems = [problem for one in broken for problem in one.problems][:MAX_PROBLEMS]
        titles = _listed(one.title for one in broken)
        return _step("read", StepState.FAILED, text % {"titles": titles}, problems)
    if any(not parent.is_processed for parent in seen):
        return _step("read", StepState.WAITING, _("It will be read for the first time in a moment."))
    if not seen and not trace.providers:
        if not parents:
            return _step("read", StepState.UNKNOWN, _("There is nothing to read."))
        return _step("read", StepState.UNKNOWN, _("You may not see what it comes from."))
    text = _("What leads to it could be read.") if seen else _("A provider hands it over; there is no file to read.")
    return _step("read", StepState.OK, text)


def _found(trace: Trace) -> str:
    where = f"{trace.place}, {trace.position}" if trace.position else trace.place
    return _("In %(place)s.") % {"place": where} if where else _("As it was handed over.")


def _valid(trace: Trace) -> Step:
    if trace.problems:
        return _step("valid", StepState.FAILED, _("Its latest version has a mistake."), trace.problems[:MAX_PROBLEMS])
    if not trace.is_processed:
        return _step("valid", StepState.WAITING, _("It will be looked at in a moment."))
    return _step("valid", StepState.OK, _("No mistake was found in it."))


def _processed(trace: Trace) -> Step:
    if trace.problems and trace.has_good_version:
        text = _("An earlier version was processed, and is the one that is in the catalog.")
        return _step("processed", StepState.OK, text)
    if trace.problems:
        return _step("processed", StepState.UNKNOWN, _("No version of it was without a mistake so far."))
    if not trace.is_processed:
        return _step("processed", StepState.WAITING, _("Its first run is to come."))
    return _step("processed", StepState.OK, _("Its latest version was processed."))


def _name(trace: Trace, traces: Traces) -> Step:
    if not trace.losers:
        return _step("name", StepState.OK, _("No other source claims it."))
    if not traces.may_name_places:
        return _step("name", StepState.FAILED, _("Another source claims it, too. The first one keeps it."))
    losers = _listed(one.location_key or one.source for one in trace.losers)
    owner = trace.losers[0].owner_key or _("the first one that had it")
    text = _("It belongs to %(owner)s. What %(losers)s has under this name is left out.")
    return _step("name", StepState.FAILED, text % {"owner": owner, "losers": losers})


def _served(trace: Trace) -> Step:
    if trace.served_since and not trace.awaits_stitching:
        return _step("served", StepState.OK, _("It is in the catalog."))
    if trace.awaits_stitching:
        return _step("served", StepState.WAITING, _("It is being put together with what others say of it."))
    if trace.has_good_version:
        text = _("It can't be indexed; the log of the worker says why. Often a field holds more than any search can.")
        return _step("served", StepState.FAILED, text)
    return _step("served", StepState.UNKNOWN, _(NOT_REACHED))


def _visible(traces: Traces, *, is_known: bool) -> Step:
    if is_known:
        return _step("visible", StepState.OK, _("You may see it."))
    if traces.sees_everything:
        return _step("visible", StepState.OK, _("You may see every entity."))
    text = _(
        "You may see some entities only, and one that you may not see looks like one that isn't there. Whoever runs "
        "the portal can tell which it is."
    )
    return _step("visible", StepState.UNKNOWN, text)


def _step(step_id: str, state: StepState, message: str, problems: Sequence[Problem] = ()) -> Step:
    return Step(step_id, _(TITLES[step_id]), state, message, problems)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))
