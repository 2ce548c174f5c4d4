"""What to do about an entity that isn't where it is looked for."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from apps.catalog.models import RefreshState
from apps.catalog.queries.explanations import Explanation, Verdict
from apps.catalog.queries.steps import StepState

#: What has been due for longer waits for a worker that isn't there, or for many others.
PATIENCE = timedelta(minutes=1)
CORRECT = gettext_noop(
    "Correct what is wrong in its file, and refresh it; without that, it is looked at again by itself."
)
CORRECT_SOURCE = gettext_noop("Correct what is wrong with what leads to it, and refresh that.")
ORPHAN = gettext_noop(
    "Name its file in a location again. Until then it isn't brought up to date, and unless catalog.orphanStrategy "
    "keeps such entities, it is about to be deleted."
)
RENAME = gettext_noop(
    "Rename one of the two, or take it out of one of the files: within a kind and a namespace, a name can be had once. "
    "When the name is free, the other one gets it by itself."
)
ALLOW = gettext_noop(
    "Allow its kind in app-config.yaml, with catalog.rules or with the rules of its location in catalog.locations. "
    "Or keep it in a file from which its kind is allowed."
)
WAIT = gettext_noop("Wait a moment: somebody's request comes first, everything else in its turn.")
RESTORE = gettext_noop(
    "Put it back into its file, or register its file again. Its last version is below, to be copied."
)
PARTS = gettext_noop(
    "Check the three parts of its ref: kind, namespace (default, unless its file says otherwise), and name."
)
REGISTER = gettext_noop("If it was never here, register its file: a location that names it is all that it takes.")
BY_FILE = gettext_noop(
    "If its file is registered, look the file up by its address: a file with a mistake may hide what is in it."
)
BY_ADDRESS = gettext_noop(
    "Check the address: it must be that of the file, or the beginning of it, such as that of the repository."
)


def advice_on(explanation: Explanation) -> list[str]:
    """Return what to do next, the best first. One query if something is overdue."""
    failed = {step.id for step in explanation.steps if step.state is StepState.FAILED}
    match explanation.verdict:
        case Verdict.UNKNOWN:
            found = [BY_ADDRESS, REGISTER] if explanation.location else [PARTS, BY_FILE, REGISTER]
        case Verdict.DELETED:
            found = [RESTORE]
        case Verdict.CONFLICT:
            found = [RENAME]
        case Verdict.REFUSED:
            found = [ALLOW]
        case Verdict.INVALID | Verdict.OUTDATED:
            found = ([ORPHAN] if "source" in failed else []) + ([CORRECT] if failed - {"source"} else [])
        case Verdict.WAITING:
            found = [CORRECT_SOURCE] if "read" in failed else [WAIT]
        case _:
            found = []
    overdue = _overdue(explanation)
    told = [gettext(one) for one in found]
    return [*told, overdue] if overdue else told


def _overdue(explanation: Explanation) -> str:
    now = timezone.now()
    if explanation.next_run_at is None or now - explanation.next_run_at < PATIENCE:
        return ""
    minutes = int((now - explanation.next_run_at).total_seconds() // 60)
    waiting = RefreshState.objects.filter(next_update_at__lte=now).count()
    text = gettext(
        "It has been due for %(minutes)s minutes, and %(waiting)s entities wait in all. If that doesn't become less, "
        "background work isn't done: `manage.py doctor` on the server says why."
    )
    return text % {"minutes": minutes, "waiting": waiting}
