"""`compose_template`: a brief becomes a template, looked at first and then saved.

A template is saved under an id that its key decides, so that a call that is repeated, after its
answer was lost or its process killed, finds what the first one saved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from accounts import scopes
from accounts.auth import Principal
from accounts.models import User
from accounts.rate_limits import check_plan_rate, check_start_rate
from builder.agents.mcp.authoring import proposals
from builder.agents.mcp.authoring.compose_arguments import ComposeArguments
from builder.agents.mcp.authoring.proposal import Drafted, Saved
from builder.agents.mcp.authoring.sketch import sketch
from builder.agents.mcp.tool import Caller, Tool, ToolResult
from builder.agents.mcp.untrusted_text import marked
from compose.drafting import DraftRequest, draft
from compose.execution import CallOptions, compose
from compose.plan import plan_from_outside
from core import canonical, errors
from templates_app.graph.wiring import clean
from templates_app.lifecycle import services
from templates_app.lifecycle.version_writes import IdTaken
from templates_app.models import Template
from tools import registry

LONGEST_SKETCH: Final = 8_000
KIND: Final = "draft"
TOOL: Final = "compose_workflow_template"
_SAVED: Final = "wf_composed_"


class ComposeTemplate(Tool):
    name = "compose_template"
    title = "Draft a template"
    description = (
        "Draft a template from a brief in plain words: a sketch of its stages, its price, what to"
        " know, and the `settings` that it was planned by. Costs 1 credit and saves nothing; sent"
        " back changed, `settings` are drafted anew for nothing. Show the sketch to the person;"
        " when they want it, call again with `proposal` and `save: true`: exactly what was shown"
        " becomes a private template of theirs, for no more credits. Saving needs a key with the"
        " scope `all`."
    )
    scope = scopes.RUN
    is_idempotent = True

    Arguments = ComposeArguments

    def question(self, caller: Caller, arguments: ComposeArguments) -> str:
        if arguments.proposal:
            person = caller.principal.user
            request = {"proposal": arguments.proposal}
            if _saved_before(person, arguments.proposal, request) is not None:
                return ""
            name = clean(str(_shown_before(person, arguments.proposal).get("name", "")))
            return f"Save the draft “{name}” as a private template?"
        and_save = " and save it as a private template" if arguments.save else ""
        name = clean(str(arguments.asked()["name"]))
        price = "" if arguments.settings else " This costs 1 credit."
        return f"Draft the template “{name}”{and_save}?{price}"

    def call(self, caller: Caller, arguments: ComposeArguments) -> ToolResult:
        if arguments.save:
            _check_may_save(caller)
        if arguments.proposal:
            return _save_shown(caller, arguments)
        if not arguments.brief.strip() and arguments.settings is None:
            raise errors.InvalidBody("Send a `brief`, `settings`, or `proposal` with `save: true`.")
        if not arguments.save:
            return _proposal_result(caller, _compose(caller, arguments))
        if not arguments.idempotency_key:
            raise errors.InvalidBody(
                "`idempotency_key` is needed to save from a brief. Better: call without `save`,"
                " show the sketch, then save by its `proposal`."
            )
        return _compose_and_save(caller, arguments)


def _check_may_save(caller: Caller) -> None:
    key = caller.principal.api_key
    if key is not None:
        scopes.check(key, scopes.ALL)


def _save_shown(caller: Caller, arguments: ComposeArguments) -> ToolResult:
    if not arguments.save:
        raise errors.InvalidBody("`proposal` needs `save: true`. To draft again send a `brief`.")
    if arguments.brief:
        raise errors.InvalidBody("Send either `brief` or `proposal`, not both.")
    person, request = caller.principal.user, {"proposal": arguments.proposal}
    existing = _saved_before(person, arguments.proposal, request)
    if existing is not None:
        return _save_result(caller, Saved(existing, is_new=False))
    template = _shown_before(person, arguments.proposal)
    outcome = _save(
        person, template, key=arguments.proposal, request=request, own_hosts=caller.own_hosts
    )
    return _save_result(caller, outcome)


def _compose_and_save(caller: Caller, arguments: ComposeArguments) -> ToolResult:
    person, request = caller.principal.user, arguments.asked()
    if arguments.settings is not None:
        request["settings"] = arguments.settings
    existing = _saved_before(person, arguments.idempotency_key, request)
    if existing is not None:
        return _save_result(caller, Saved(existing, is_new=False))
    draft = _compose(caller, arguments)
    outcome = _save(
        person,
        draft.template,
        key=arguments.idempotency_key,
        request=request,
        own_hosts=caller.own_hosts,
    )
    return _save_result(caller, outcome, draft)


def _compose(caller: Caller, arguments: ComposeArguments) -> Drafted:
    if arguments.settings is not None:
        return _planned_by(caller, arguments)
    return _composed_by(
        caller.principal,
        arguments.asked(),
        own_hosts=caller.own_hosts,
        key=arguments.idempotency_key or None,
        client=caller.client,
    )


def _facts(caller: Caller, template: dict[str, Any]) -> dict[str, Any]:
    table = registry.table(person=caller.principal.user.pk)
    return {
        "name": marked(template.get("name", ""), 200),
        "stages": len(template.get("stages") or ()),
        "sketch": marked(sketch(template, table), LONGEST_SKETCH),
    }


def _drafted_facts(proposal: Drafted) -> dict[str, Any]:
    return {
        "credits": proposal.units,
        "fits_budget": proposal.fits_budget,
        "warnings": [marked(one, 400) for one in proposal.warnings[:20]],
        "planner": proposal.planner,
        "settings": proposal.settings,
    }


def _proposal_result(caller: Caller, proposal: Drafted) -> ToolResult:
    body = {
        "saved": False,
        "proposal": proposal.id,
        **_facts(caller, proposal.template),
        **_drafted_facts(proposal),
    }
    lines = [
        f"{body['name']}: {body['stages']} stages, {proposal.units:g} credits a run. Not saved.",
        body["sketch"],
        *(f"Note: {one}" for one in body["warnings"]),
        f'To save exactly this: {{"proposal": "{proposal.id}", "save": true}}.',
    ]
    return ToolResult(body, "\n".join(lines))


def _save_result(caller: Caller, outcome: Saved, proposal: Drafted | None = None) -> ToolResult:
    template = outcome.template
    assert template.head is not None  # noqa: S101  a template that was saved has one
    body: dict[str, Any] = {
        "saved": True,
        "is_new": outcome.is_new,
        "template_id": template.public_id,
        "visibility": template.visibility,
        "url": _page_of(caller, template),
        **_facts(caller, template.head.spec),
        **(_drafted_facts(proposal) if proposal else {}),
    }
    how = "Saved" if outcome.is_new else "Saved before"
    text = f"{how} as the private template {template.public_id}: {body['url']}\n{body['sketch']}"
    return ToolResult(body, text)


def _page_of(caller: Caller, template: Template) -> str:
    return f"{caller.base_url}/t/{template.public_id}/edit"


def _composed_by(
    principal: Principal,
    arguments: Mapping[str, Any],
    *,
    own_hosts: Sequence[str],
    key: str | None,
    client: str,
) -> Drafted:
    """Draft as the composition tool of the REST API does, for its price.

    arguments: of `compose_workflow_template`. key: a call repeated with it costs nothing more.
    Raises InvalidBody for what can't be drafted, and what `compose` raises.
    """
    check_start_rate(principal)
    draft = compose(
        principal,
        TOOL,
        arguments,
        own_hosts=own_hosts,
        options=CallOptions(key=key, app_source=client),
    )
    result = draft.result
    if not result.get("ok"):
        raise errors.InvalidBody(str(result.get("message") or "This can't be drafted."))
    template = dict(result["template_draft"])
    return Drafted(
        settings=result["settings"],
        id=proposals.keep(principal.user, KIND, {"template": template}),
        template=template,
        units=float(result["estimated_capacity_units"]),
        fits_budget=bool(result["fits_budget"]),
        warnings=tuple(result["warnings"]),
        message=str(result["message"]),
        planner=str(result["metadata"].get("planner", "")),
    )


def _planned_by(caller: Caller, arguments: ComposeArguments) -> Drafted:
    """Draft a plan, for nothing. Raises InvalidBody, QuotaExceeded."""
    check_plan_rate(caller.principal)
    request = DraftRequest(
        brief=arguments.brief,
        name=arguments.name,
        description=arguments.description,
        max_units=arguments.max_credits,
        plan=plan_from_outside(arguments.settings),
    )
    new_draft = draft(request, own_hosts=caller.own_hosts)
    return Drafted(
        id=proposals.keep(caller.principal.user, KIND, {"template": new_draft.template}),
        template=new_draft.template,
        units=new_draft.units,
        fits_budget=new_draft.fits_budget is not False,
        warnings=new_draft.warnings,
        message=new_draft.message,
        planner=new_draft.planner,
        settings=new_draft.settings.plan,
    )


def _shown_before(person: User, name: str) -> dict[str, Any]:
    """The template of a draft that this person was shown. Raises Conflict when it has expired."""
    return dict(proposals.kept(person, KIND, name)["template"])


def _saved_before(person: User, key: str, request: Mapping[str, Any]) -> Template | None:
    """Return what an earlier call with this key saved. request: the same in all calls of a key.

    Raises Conflict when the key was used for something else, or what it saved was deleted.
    """
    public_id = _id_of(person, key, request)
    of_key = public_id.rpartition("_")[0]
    rows = Template.objects.filter(owner=person, public_id__startswith=f"{of_key}_")
    row = rows.order_by("-id").first()
    if row is None:
        return None
    if row.public_id != public_id:
        raise errors.Conflict(
            "This idempotency_key was used for another request. Use a new key for a new request.",
            code="idempotency.key_reuse",
        )
    if row.deleted_at is not None:
        raise errors.Conflict(
            "The template that this idempotency_key saved was deleted. Use a new key.",
            code="idempotency.deleted",
        )
    return row


def _save(
    person: User,
    template: Mapping[str, Any],
    *,
    key: str,
    request: Mapping[str, Any],
    own_hosts: Sequence[str],
) -> Saved:
    """Keep a drafted template as a private one of this person's, once for a key.

    Raises Conflict for the quota and as `_saved_before`, InvalidInput with the validation.
    """
    existing = _saved_before(person, key, request)
    if existing is not None:
        return Saved(existing, is_new=False)
    body = {**template, "id": _id_of(person, key, request), "visibility": "private"}
    try:
        row = services.create_template(actor=person, body=body, own_hosts=own_hosts)
    except IdTaken:
        # The same call came twice at once.
        existing = _saved_before(person, key, request)
        if existing is None:
            raise
        return Saved(existing, is_new=False)
    return Saved(row.template, is_new=True)


def _id_of(person: User, key: str, request: Mapping[str, Any]) -> str:
    of_key = canonical.sha256_hex([person.public_id, key])[:20]
    return f"{_SAVED}{of_key}_{canonical.sha256_hex(dict(request))[:8]}"
