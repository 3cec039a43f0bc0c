"""`/t/<id>/edit`: the page that starts the editor, and what it asks for first."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_vite.core.asset_loader import DjangoViteAssetLoader
from django_vite.core.exceptions import DjangoViteAssetNotFoundError

from accounts import avatars
from accounts import services as accounts
from accounts.models import User
from accounts.roles import is_operator
from accounts.suspension import suspended_until
from builder.shared.page_requests import viewer_of
from compose.model.model_client import configured_model
from core import errors
from core.command_names import REPAIR
from core.compression import has_current
from templates_app import selectors
from templates_app.documents import selectors as documents
from templates_app.graph.rules.issue_texts import binding_patterns
from templates_app.models import Template
from tools import palette, registry

ENTRY = "src/main.tsx"
# What the canvas is built into (`frontend/vite.config.ts`), beside the entry.
CANVAS = ("Canvas", "rolldown-runtime")


@never_cache
@login_required
@require_safe
def edit(request: HttpRequest, public_id: str) -> HttpResponse:
    """The page. Who works on the template sees its draft; others look at what is published."""
    person = cast(User, request.user)  # login_required has seen to it
    template, role = _template(person, public_id)
    version = selectors.runnable_version(template.owner if role else person, template)
    if suspended_until(person):
        return render(request, "editor/suspended.html", {"name": version.spec["name"]})
    boot = {
        "templateId": template.public_id,
        "me": {
            "id": person.public_id,
            "name": person.shown_name,
            "initials": avatars.initials(person.shown_name),
            "hue": avatars.hue_of(person),
        },
        "canEdit": role in documents.EDITING,
        "role": role,
        "owner": template.owner.shown_name,
        # The browser keeps the choice; pages/classic/theme.ts shows it before anything is drawn.
        "theme": "",
        "bindingPatterns": binding_patterns(),
        "isFirstVisit": _is_first_visit(person, template, role),
        "isOperator": is_operator(person),
        "hasLanguageModel": configured_model() is not None,
        # Read here, or the next other page would say it.
        "message": " ".join(map(str, messages.get_messages(request))),
    }
    context = {
        "id": template.public_id,
        "name": version.spec["name"],
        "boot": boot,
    }
    return render(request, "editor/edit.html", context | _scripts())


@require_safe
def tools(request: HttpRequest) -> HttpResponse:
    """List what stages can be made of. Browsers keep it and ask whether it still holds."""
    viewer = viewer_of(request)
    person = viewer.pk if viewer else None
    body, etag = palette.published(registry.table(person=person), registry.offers_to(person))
    if has_current(request, etag):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(body, content_type="application/json")
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def _template(person: User, public_id: str) -> tuple[Template, str | None]:
    """Return the template of an id in the editor, and this person's role. Raises NotFound."""
    try:
        template = documents.readable(person, public_id)
    except errors.NotFound:
        return selectors.resolve(person, public_id), None
    return template, documents.role_of(person, template)


def _is_first_visit(person: User, template: Template, role: str | None) -> bool:
    """Return whether to show how to begin, to a person who is new to it: once, on an empty template
    of their own."""
    if not settings.FIRST_STEPS or person.editor_seen_at is not None or role != documents.OWNER:
        return False
    return documents.is_blank(template) and accounts.note_editor_visit(person)


def _scripts() -> dict[str, object]:
    """Return the tags of the built editor, and the addresses of its canvas, which its own script
    asks for only once it runs. Raises Unavailable when it was never built."""
    built = DjangoViteAssetLoader.instance()
    try:
        # Made of the names in our own manifest.
        tags = SafeString(built.generate_vite_asset(ENTRY))
        return {"scripts": tags, "canvas": [built.generate_vite_asset_url(name) for name in CANVAS]}
    except DjangoViteAssetNotFoundError as missing:
        raise errors.Unavailable(
            f"The editor isn't built yet. Run `{REPAIR}`, then start the server again."
        ) from missing
