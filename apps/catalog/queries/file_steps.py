"""The steps that a file passes with all that is in it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from apps.catalog.queries.explanations import NameConflict, Source
from apps.catalog.queries.refresh_states import Problem
from apps.catalog.queries.steps import MAX_PROBLEMS, NOT_REACHED, TITLES, Step, StepState
from apps.catalog.queries.traces import Trace

UNTIL_CORRECTED = gettext_noop("Until that is put right, nothing of the file is brought up to date.")


def steps_of_file(
    sources: Sequence[Source], found: Sequence[Trace], conflicts: Sequence[NameConflict], *, may_name_places: bool
) -> list[Step]:
    """Return the steps of a file that ``sources`` lead to, with the entities that were ``found`` in it."""
    if not sources:
        return _of_unknown(may_name_places)
    problems = [problem for source in sources for problem in source.problems]
    refused = [problem for problem in problems if is_refusal(problem)]
    documents = [problem for problem in problems if problem.document is not None and not is_refusal(problem)]
    unreadable = [problem for problem in problems if problem.document is None and not is_refusal(problem)]
    titles = ", ".join(dict.fromkeys(source.title for source in sources))
    counted = ngettext("%(count)s entity found in it.", "%(count)s entities found in it.", len(found))
    return [
        _step("source", StepState.OK, _("%(titles)s leads there.") % {"titles": titles}),
        _read(sources, unreadable),
        _of(
            "found",
            documents,
            counted % {"count": len(found)},
            " ".join([_("Some of its documents are no entities."), _(UNTIL_CORRECTED)]),
        ),
        _of(
            "allowed",
            refused,
            _("The kinds in it are allowed from there."),
            " ".join([_("Some of the kinds in it are not allowed from there."), _(UNTIL_CORRECTED)]),
        ),
        _valid(found),
        _processed(found),
        _name(conflicts),
        _served(found),
        _step("visible", StepState.OK, _("What you may not see isn't counted here.")),
    ]


def is_refusal(problem: Problem) -> bool:
    """Say whether it was ``catalog.rules`` that refused an entity."""
    return problem.name == "NotAllowedError" and "catalog.rules" in problem.message


def _of_unknown(may_name_places: bool) -> list[Step]:
    rest = [_step(step_id, StepState.UNKNOWN, _(NOT_REACHED)) for step_id in list(TITLES)[1:]]
    if may_name_places:
        text = _("No location that the portal knows reads this address, or a file below it.")
        return [_step("source", StepState.FAILED, text), *rest]
    text = _("You may not see locations (catalog.location.read), so it can't be said whether one leads there.")
    return [_step("source", StepState.UNKNOWN, text), *rest]


def _read(sources: Sequence[Source], unreadable: Sequence[Problem]) -> Step:
    if unreadable:
        return _step("read", StepState.FAILED, _("It couldn't be read."), unreadable)
    if any(not source.is_processed for source in sources):
        return _step("read", StepState.WAITING, _("It will be read for the first time in a moment."))
    return _step("read", StepState.OK, _("It could be read."))


def _valid(found: Sequence[Trace]) -> Step:
    wrong = [one for one in found if one.problems]
    problems = [problem for one in wrong for problem in one.problems]
    bad = ngettext("%(count)s entity with mistakes.", "%(count)s entities with mistakes.", len(wrong))
    return _of("valid", problems, _("No mistake was found in its entities."), bad % {"count": len(wrong)})


def _processed(found: Sequence[Trace]) -> Step:
    waiting = sum(not one.is_processed for one in found)
    if waiting:
        text = ngettext(
            "%(count)s entity to be processed for the first time.",
            "%(count)s entities to be processed for the first time.",
            waiting,
        )
        return _step("processed", StepState.WAITING, text % {"count": waiting})
    return _step(
        "processed",
        StepState.OK if found else StepState.UNKNOWN,
        _("All of them were processed.") if found else _(NOT_REACHED),
    )


def _name(conflicts: Sequence[NameConflict]) -> Step:
    if not conflicts:
        return _step("name", StepState.OK, _("No other source claims theirs."))
    refs = ", ".join(conflict.ref for conflict in conflicts)
    text = _("The first source keeps a name, and so left out is what is here as %(refs)s.")
    return _step("name", StepState.FAILED, text % {"refs": refs})


def _served(found: Sequence[Trace]) -> Step:
    served = sum(one.served_since is not None for one in found)
    stitching = any(
        one.awaits_stitching or (one.is_processed and not one.problems) for one in found if not one.served_since
    )
    text = _("%(served)s of %(total)s are in the catalog.") % {"served": served, "total": len(found)}
    if served == len(found):
        return _step("served", StepState.OK if found else StepState.UNKNOWN, text if found else _(NOT_REACHED))
    return _step("served", StepState.WAITING if stitching else StepState.UNKNOWN, text)


def _of(step_id: str, problems: Sequence[Problem], good: str, bad: str) -> Step:
    if problems:
        return _step(step_id, StepState.FAILED, bad, problems)
    return _step(step_id, StepState.OK, good)


def _step(step_id: str, state: StepState, message: str, problems: Sequence[Problem] = ()) -> Step:
    return Step(step_id, _(TITLES[step_id]), state, message, problems[:MAX_PROBLEMS])
