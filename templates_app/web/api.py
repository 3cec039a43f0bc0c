"""`/v1/creative-agent/workflows/templates`: parse, call, render."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import principal_of
from accounts.suspension import allowed_while_suspended
from core import errors, http, paging
from core.openapi import LIMIT, OFFSET, Parameter, operation
from core.public_url import base_url
from templates_app import schemas, search, selectors
from templates_app.lifecycle import bundles, forking, services, version_writes
from templates_app.web import schemas as responses
from templates_app.web.serializers import expanded_out, template_out

TAG = "Templates"
EXAMPLE = {
    "name": "Two shots",
    "inputs": [{"name": "brief", "type": "text", "required": True}],
    "stages": [
        {
            "id": "keyframe",
            "type": "fixed",
            "tool": "generate_image",
            "args": {"prompt": "$inputs.brief"},
            "produces": ["keyframe"],
        }
    ],
}
VISIBILITY = Parameter(
    "visibility",
    "query",
    "`own`, `public` or `all` (also for any other word).",
)
QUERY = Parameter(
    "q",
    "query",
    "Words that all must be in the template, or begin a word there: in name, tags, description and"
    " brief of a public one, in name, tags and category of one's own.",
)
OFFERED_FILTER = Parameter(
    "exposeToLLM",
    "query",
    "`true`: only templates that agents are offered, by `llmPriority`, lower first; without one it"
    " counts as 100. `false`: only the others.",
    {"type": "string", "enum": ["true", "false"]},
)
EXPAND = Parameter(
    "expand",
    "query",
    "`true`: with their own stages in the place of stages that are templates, to any depth. Only to"
    " read. `wholeStages` lists the stages that stay, each with why.",
    {"type": "string", "enum": ["true", "false"]},
)
IF_MATCH = Parameter(
    "If-Match", "header", "The version this change was made from; another one now is a 409."
)


class TemplatesView(APIView):
    """`…/templates`: save one, list what I may see."""

    @operation(
        "listTemplates",
        "List templates, newest first",
        tag=TAG,
        parameters=(VISIBILITY, QUERY, OFFERED_FILTER, LIMIT, OFFSET),
        answers={200: responses.TemplatesOut},
    )
    def get(self, request: Request) -> Response:
        page = paging.read_page(request.query_params)
        query = request.query_params
        views, following = search.list_templates(
            principal_of(request).user,
            query.get("visibility", "all"),
            page,
            query=query.get("q", ""),
            is_offered=_read_flag(request, "exposeToLLM", "expose_to_llm"),
        )
        origin = base_url(request)
        templates = [template_out(one, base_url=origin) for one in views]
        return http.success({"templates": templates, "next": following})

    @operation(
        "createTemplate",
        "Create a template",
        tag=TAG,
        body=responses.TemplateIn,
        body_example=EXAMPLE,
        answers={201: responses.TemplateSaved},
        errors=(409, 422),
    )
    def post(self, request: Request) -> Response:
        _check_not_expanded(request)
        result = bundles.create_with_bundle(
            actor=principal_of(request).user,
            body=http.body_of(request),
            own_hosts=[request.get_host()],
        )
        return http.success(_saved_out(request, result), status=201)


class TemplateView(APIView):
    """`…/templates/<id>`: read, change and delete one."""

    @operation(
        "getTemplate",
        "Get a template",
        tag=TAG,
        parameters=(EXPAND,),
        answers={200: responses.TemplateRead},
    )
    def get(self, request: Request, public_id: str) -> Response:
        person = principal_of(request).user
        view = selectors.shown_to(person, selectors.resolve(person, public_id))
        origin = base_url(request)
        if _read_flag(request, "expand"):
            return http.success(expanded_out(view, person, base_url=origin))
        return http.success({"template": template_out(view, base_url=origin)})

    @operation(
        "updateTemplate",
        "Update a template (creates a version)",
        tag=TAG,
        parameters=(IF_MATCH,),
        body=responses.TemplatePatch,
        body_example={"description": "Now with rain", "tags": ["rain"]},
        answers={200: responses.TemplateSaved},
        errors=(409, 422),
    )
    def patch(self, request: Request, public_id: str) -> Response:
        _check_not_expanded(request)
        changes = http.body_of(request)
        if changes.get(bundles.FIELD) is not None:
            raise errors.InvalidBody(f"`{bundles.FIELD}` is only for creating a template.")
        result = services.patch_template(
            actor=principal_of(request).user,
            public_id=public_id,
            changes=changes,
            own_hosts=[request.get_host()],
            if_match=_version_of(request.headers.get("If-Match", "")),
        )
        return http.success(_saved_out(request, result))

    @operation(
        "deleteTemplate", "Delete a template", tag=TAG, answers={200: responses.TemplateDeleted}
    )
    @allowed_while_suspended("DELETE")
    def delete(self, request: Request, public_id: str) -> Response:
        services.delete_template(actor=principal_of(request).user, public_id=public_id)
        return http.success({"deleted": True, "id": public_id})


class ForkView(APIView):
    """`…/templates/<id>/fork`: copy one into a private template of mine."""

    @operation(
        "forkTemplate",
        "Fork a template",
        tag=TAG,
        body=schemas.ForkIn,
        body_example={"name": "Mine"},
        answers={201: responses.TemplateSaved},
        errors=(409, 422),
    )
    def post(self, request: Request, public_id: str) -> Response:
        body = http.parse(schemas.ForkIn, http.body_of(request))
        result = forking.fork_template(
            actor=principal_of(request).user, public_id=public_id, name=body.chosen
        )
        return http.success(_saved_out(request, result), status=201)


def _read_flag(request: Request, *names: str) -> bool | None:
    """Read a flag of the query; None where it is not said. Raises InvalidBody for what is neither
    true nor false. names: the first is the documented one."""
    query = request.query_params
    text = next((query[name] for name in names if query.get(name)), "").lower()
    if not text:
        return None
    if text not in ("true", "false", "1", "0"):
        raise errors.InvalidBody(f"`{names[0]}` must be true or false.")
    return text in ("true", "1")


def _check_not_expanded(request: Request) -> None:
    if "expand" in request.query_params:
        raise errors.InvalidBody(
            "`expand` is only for reading. Send the template as it is read without `expand`."
        )


def _saved_out(request: Request, result: version_writes.SavedTemplate) -> dict[str, Any]:
    """The template as its owner sees it, with the warnings beside it when there are any."""
    view = selectors.shown_to(principal_of(request).user, result.template)
    answer: dict[str, Any] = {"template": template_out(view, base_url=base_url(request))}
    if result.warnings:
        answer["validation"] = schemas.validation_out(result.warnings)
    return answer


def _version_of(if_match: str) -> str:
    """The version in `If-Match: "1.2.0"`; `*` means any, as does no header."""
    tag = if_match.strip().removeprefix("W/").strip('"')
    return "" if tag == "*" else tag
