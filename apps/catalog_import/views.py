"""The steps of registering something: its address, what is there, a file if there is none, and how it gets on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from apps.catalog_import import routes
from apps.catalog_import.conf import conf
from apps.catalog_import.forms import (
    LONGEST_URL,
    MOST_FILES,
    ProposalForm,
    PullRequestForm,
    dump_state,
    load_state,
)
from apps.catalog_import.operations import (
    PullRequest,
    as_yaml,
    can_open_pull_requests,
    host_of,
    import_files,
    open_pull_request,
    proposed_entity,
    validation_errors,
)
from apps.catalog_import.queries import Finding, integration_of, look_at, owners, progress_of
from portal.entities import Entity
from portal.errors import InputError, PortalError
from portal.http.pages import PageView
from portal.http.query import whole_number
from portal.routes.urls import url_for

#: How often a page looks again by itself, two seconds apart; then something is wrong, and it says so.
MOST_LOOKS = 45


class _StepView(PageView):
    """What the steps have in common."""

    #: Which of the three steps is shown.
    step = 1

    def links(self) -> dict[str, Any]:
        """Return the addresses that every step's template knows, and the number of the step."""
        return {
            "step": self.step,
            "start_url": url_for(routes.import_page),
            "register_url": url_for(routes.register),
            "proposal_url": url_for(routes.proposal),
            "progress_url": url_for(routes.progress),
            "catalog_url": url_for("catalog.catalogIndex"),
            "filename": conf.entity_filename,
        }

    def title(self, values: Mapping[str, Any]) -> str:
        """Return the document's title, as Backstage has it."""
        return _("Register an existing component")


class ImportView(_StepView):
    """``/catalog-import``, and ``?url=…``: what is at an address."""

    template_name = "catalog_import/pages/import.html"
    fragments = {"import-step": "catalog_import/pages/_step.html"}

    def get(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Show the form, or what is at the address; a repository without a file leads to the proposal of one."""
        url = request.GET.get("url", "").strip()[:LONGEST_URL]
        values = {**self.links(), "url": url, "finding": None}
        if not url:
            return self.render(values)
        try:
            finding = look_at(url, credentials=self.credentials)
        except PortalError as error:
            return self.render({**values, "mistake": error.message})
        if finding.proposal is not None:
            return self._to_proposal(finding)
        chosen = [file.target for file in finding.files[:MOST_FILES]]
        return self.render({**values, "finding": finding, "step": 2, "chosen": chosen, "most": MOST_FILES})

    def _to_proposal(self, finding: Finding) -> HttpResponse:
        token = dump_state(url=finding.url, proposal=finding.proposal, codeowner=finding.codeowner)
        address = f"{url_for(routes.proposal)}?of={token}"
        if self.request.headers.get("HX-Request") != "true":
            return HttpResponseRedirect(address)
        response = HttpResponse()
        response["HX-Redirect"] = address
        return response


class RegisterView(_StepView):
    """Registers the files that were chosen."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Register them and go on to how they get on. Raises ``InputError`` if none were chosen, or too many."""
        targets = list(dict.fromkeys(request.POST.getlist("target")))
        if not targets:
            raise InputError("Choose at least one file to register. Go back, and tick it.")
        if len(targets) > MOST_FILES:
            raise InputError(f"At most {MOST_FILES} files can be registered at a time; these are {len(targets)}.")
        done = import_files(targets, credentials=self.credentials)
        token = dump_state(files=[(one.target, one.error) for one in done])
        return HttpResponseRedirect(f"{url_for(routes.progress)}?of={token}")


class ProgressView(_StepView):
    """``/catalog-import/progress?of=…``: how the registered files get on, until all that is in them can be read."""

    step = 3
    template_name = "catalog_import/pages/progress.html"
    fragments = {"import-progress": "catalog_import/pages/_progress.html"}

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return how each file gets on, or the pull request that was opened. Raises ``InputError`` for a bad link."""
        token = self.request.GET.get("of", "")
        if not token:
            return {**self.links(), "files": []}
        state = load_state(token)
        files = [progress_of(target, error, credentials=self.credentials) for target, error in state.get("files", ())]
        looked = whole_number(self.request.GET.get("looks"))
        is_moving = any(file.is_moving for file in files)
        return {
            **self.links(),
            "files": files,
            "pull_request": state.get("pull_request"),
            "location": state.get("location"),
            "is_moving": is_moving and looked < MOST_LOOKS,
            "is_slow": is_moving and looked >= MOST_LOOKS,
            "all_done": bool(files) and all(file.is_done for file in files),
            "count": sum(len(file.served) for file in files),
            "again_url": f"{url_for(routes.progress)}?of={token}&looks={looked + 1}",
            "now_url": f"{url_for(routes.progress)}?of={token}",
        }


class ProposalView(_StepView):
    """``/catalog-import/proposal?of=…``: a file for a repository that has none, and a pull request with it."""

    step = 2
    template_name = "catalog_import/pages/proposal.html"
    fragments = {"import-preview": "catalog_import/pages/_preview.html"}

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return the form with Backstage's words in it. Raises ``InputError`` for a bad link."""
        token = self.request.GET.get("of", "")
        if not token:
            return {**self.links(), "form": None}
        state = load_state(token)
        form = self._form(state, initial=self._initial(state))
        return self._values(token, state, form, state["proposal"])

    def post(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Show the file as it would be, or open the pull request, by the button ``do``."""
        token = request.POST.get("of", "")
        state = load_state(token)
        form = self._form(state, data=request.POST)
        # What can be shown of a form with mistakes is shown.
        form.is_valid()
        name = form.cleaned_data.get("name") or state["proposal"]["metadata"]["name"]
        entity = proposed_entity(state["proposal"], name=name, owner=form.cleaned_data.get("owner", ""))
        mistakes = []
        if form.is_valid():
            try:
                mistakes = validation_errors(entity, url=state["url"], credentials=self.credentials)
                if not mistakes and request.POST.get("do") == "open" and isinstance(form, PullRequestForm):
                    return self._open(state["url"], form, entity)
            except PortalError as error:
                mistakes = [error.message]
        return self.render({**self._values(token, state, form, entity), "mistakes": mistakes, "checked": True})

    def _open(self, url: str, form: PullRequestForm, entity: Entity) -> HttpResponse:
        data = form.cleaned_data
        wanted = PullRequest(
            url=url,
            filename=conf.entity_filename,
            content=as_yaml(entity),
            branch=data["branch"],
            title=data["title"],
            body=data["body"],
        )
        opened = open_pull_request(wanted)
        token = dump_state(pull_request=opened.link, location=opened.location)
        return HttpResponseRedirect(f"{url_for(routes.progress)}?of={token}")

    def _form(self, state: Mapping[str, Any], **filled: Any) -> ProposalForm:
        may_open = self.page.config["pullRequests"] and can_open_pull_requests(state["url"])
        form_class = PullRequestForm if may_open else ProposalForm
        return form_class(**filled, codeowner=state.get("codeowner", ""), auto_id="import-%s")

    def _initial(self, state: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "name": state["proposal"]["metadata"]["name"],
            "use_codeowners": bool(state.get("codeowner")),
            "branch": conf.pull_request_branch,
            "title": _("Add %(file)s config file") % {"file": conf.entity_filename},
            "body": _(
                "This pull request adds a **Backstage entity metadata file** to this repository so that the component "
                "can be added to the software catalog. After this pull request is merged, the component will become "
                "available.\n\nFor more information, read an overview of the "
                "[Backstage software catalog](https://backstage.io/docs/features/software-catalog/)."
            ),
        }

    def _values(self, token: str, state: Mapping[str, Any], form: ProposalForm, entity: Entity) -> dict[str, Any]:
        integration = integration_of(state["url"])
        return {
            **self.links(),
            "token": token,
            "url": state["url"],
            "form": form,
            "owners": owners(credentials=self.credentials),
            "yaml": as_yaml(entity),
            "opens": isinstance(form, PullRequestForm),
            "product": integration.product if integration is not None else "",
            "advice": host.advice() if (host := host_of(state["url"])) is not None else "",
        }
