"""What people fill in, and the links between the steps."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core import signing
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from portal.errors import InputError

#: An address is no longer than this.
LONGEST_URL = 2000
#: Files that are registered at a time: the portal asks the catalog about each of them until it is read.
MOST_FILES = 25
_SALT = "catalog-import"
_NAME = RegexValidator(
    r"^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$",
    _("Letters, digits, '-', '_' and '.', at most 63, a letter or digit at both ends."),
)
_BRANCH = RegexValidator(
    r"^(?!/|.*(?:\.\.|//|@\{|/\.|/$|\.$|\.lock$))[^\x00-\x20~^:?*\[\\\x7f]+$", _("This can't be the name of a branch.")
)


class ProposalForm(forms.Form):
    """The entity that a repository without a file would have."""

    name = forms.CharField(label=_("Name of the created component"), max_length=63, validators=[_NAME])
    use_codeowners = forms.BooleanField(label=_("Use the CODEOWNERS file as entity owner"), required=False)
    owner = forms.CharField(
        label=_("Entity owner"),
        max_length=300,
        required=False,
        help_text=_("A group or a user, such as group:default/team-a."),
        widget=forms.TextInput(attrs={"list": "import-owners"}),
    )

    def __init__(self, *args: Any, codeowner: str = "", **kwargs: Any) -> None:
        """Ask as well whether ``codeowner``, whom the CODEOWNERS file names, is to own it; empty: there is nobody."""
        super().__init__(*args, **kwargs)
        self.codeowner = codeowner
        if codeowner:
            self.fields["use_codeowners"].help_text = _("It names %(owner)s.") % {"owner": codeowner}
        else:
            del self.fields["use_codeowners"]

    def clean(self) -> dict[str, Any]:
        """Take the owner from the file if that is wanted. An owner there must be."""
        data = super().clean() or self.cleaned_data
        if data.get("use_codeowners"):
            data["owner"] = self.codeowner
        elif "owner" in data and not data["owner"]:
            self.add_error("owner", self.fields["owner"].error_messages["required"])
        return data


class PullRequestForm(ProposalForm):
    """The same, with what a pull request needs."""

    title = forms.CharField(label=_("Pull request title"), max_length=250)
    body = forms.CharField(label=_("Pull request body"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 6}))
    branch = forms.CharField(label=_("Branch"), max_length=200, validators=[_BRANCH])


def dump_state(**state: Any) -> str:
    """Return what a step hands on to the next, for its address: short, and from nobody else."""
    return signing.dumps(state, salt=_SALT, compress=True)


def load_state(text: str) -> dict[str, Any]:
    """Return what ``dump_state`` was given. Raises ``InputError`` for anything else."""
    try:
        state: dict[str, Any] = signing.loads(text, salt=_SALT)
    except signing.BadSignature as error:
        raise InputError(
            "This link is incomplete, or from before the portal's key was changed. Start again."
        ) from error
    return state
