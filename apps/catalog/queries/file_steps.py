"""The steps that a file passes with all that is in it."""

from __future__ import annotations

from collections.abc import Sequence

from apps.catalog.queries.explanations import NameConflict, Source
from apps.catalog.queries.refresh_states import Problem
from apps.catalog.queries.steps import MAX_PROBLEMS, NOT_REACHED, TITLES, Step, StepState
from apps.catalog.queries.traces import Trace

UNTIL_CORRECTED = "Until that is put right, nothing of the file is brought up to date."


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
    return [
        _step("source", StepState.OK, f"{titles} leads there."),
        _read(sources, unreadable),
        _of(
            "found",
            documents,
            f"{_counted(len(found))} found in it.",
            f"Some of its documents are no entities. {UNTIL_CORRECTED}",
        ),
        _of(
            "allowed",
            refused,
            "The kinds in it are allowed from there.",
            f"Some of the kinds in it are not allowed from there. {UNTIL_CORRECTED}",
        ),
        _valid(found),
        _processed(found),
        _name(conflicts),
        _served(found),
        _step("visible", StepState.OK, "What you may not see isn't counted here."),
    ]


def is_refusal(problem: Problem) -> bool:
    """Say whether it was ``catalog.rules`` that refused an entity."""
    return problem.name == "NotAllowedError" and "catalog.rules" in problem.message


def _of_unknown(may_name_places: bool) -> list[Step]:
    rest = [_step(step_id, StepState.UNKNOWN, NOT_REACHED) for step_id in list(TITLES)[1:]]
    if may_name_places:
        text = "No location that the portal knows reads this address, or a file below it."
        return [_step("source", StepState.FAILED, text), *rest]
    text = "You may not see locations (catalog.location.read), so it can't be said whether one leads there."
    return [_step("source", StepState.UNKNOWN, text), *rest]


def _read(sources: Sequence[Source], unreadable: Sequence[Problem]) -> Step:
    if unreadable:
        return _step("read", StepState.FAILED, "It couldn't be read.", unreadable)
    if any(not source.is_processed for source in sources):
        return _step("read", StepState.WAITING, "It will be read for the first time in a moment.")
    return _step("read", StepState.OK, "It could be read.")


def _valid(found: Sequence[Trace]) -> Step:
    wrong = [one for one in found if one.problems]
    problems = [problem for one in wrong for problem in one.problems]
    return _of("valid", problems, "No mistake was found in its entities.", f"{_counted(len(wrong))} with mistakes.")


def _processed(found: Sequence[Trace]) -> Step:
    waiting = sum(not one.is_processed for one in found)
    if waiting:
        return _step("processed", StepState.WAITING, f"{_counted(waiting)} to be processed for the first time.")
    return _step(
        "processed",
        StepState.OK if found else StepState.UNKNOWN,
        "All of them were processed." if found else NOT_REACHED,
    )


def _name(conflicts: Sequence[NameConflict]) -> Step:
    if not conflicts:
        return _step("name", StepState.OK, "No other source claims theirs.")
    refs = ", ".join(conflict.ref for conflict in conflicts)
    return _step("name", StepState.FAILED, f"The first source keeps a name, and so left out is what is here as {refs}.")


def _served(found: Sequence[Trace]) -> Step:
    served = sum(one.served_since is not None for one in found)
    stitching = any(
        one.awaits_stitching or (one.is_processed and not one.problems) for one in found if not one.served_since
    )
    text = f"{served} of {len(found)} are in the catalog."
    if served == len(found):
        return _step("served", StepState.OK if found else StepState.UNKNOWN, text if found else NOT_REACHED)
    return _step("served", StepState.WAITING if stitching else StepState.UNKNOWN, text)


def _of(step_id: str, problems: Sequence[Problem], good: str, bad: str) -> Step:
    if problems:
        return _step(step_id, StepState.FAILED, bad, problems)
    return _step(step_id, StepState.OK, good)


def _step(step_id: str, state: StepState, message: str, problems: Sequence[Problem] = ()) -> Step:
    return Step(step_id, TITLES[step_id], state, message, problems[:MAX_PROBLEMS])


def _counted(count: int) -> str:
    return f"{count} entit{'y' if count == 1 else 'ies'}"
