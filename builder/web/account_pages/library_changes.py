"""Changes to several templates of the list at once, and to its folders."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.suspension import allowed_while_suspended
from builder.shared.page_requests import check_sent, person_of
from builder.web.account_pages.my_templates import asked_by
from core import errors
from core.public_url import base_url
from templates_app import folders, selectors
from templates_app.documents.selectors import with_drafts
from templates_app.lifecycle import services
from templates_app.models import Template
from templates_app.schemas import PRIVATE
from templates_app.web.template_files import file_of

# At once: a page's worth and more, and no request that lasts for minutes.
PICKED_LIMIT: Final = 200


@login_required
@require_POST
@allowed_while_suspended("POST")
def change_picked(request: HttpRequest) -> HttpResponse:
    """Move the ticked templates, delete them, make them private, or download them.

    Each is changed alone; what was not the person's to change is named.
    """
    check_sent(request.POST)
    person = person_of(request)
    verb = request.POST.get("do", "")
    try:
        if verb == "download":
            return _zip(request, _own(person, _picked_ids(request.POST)))
        if verb == "new-folder":
            messages.success(request, _new_folder(request, person))
        elif verb in _VERBS:
            messages.success(request, _VERBS[verb](request, person, _picked_ids(request.POST)))
        else:
            raise errors.InvalidInput("Choose what to do with the selected templates.")
    except (errors.InvalidInput, errors.Conflict, errors.NotFound) as refusal:
        messages.error(request, refusal.person)
    return _back(request)


@login_required
@require_POST
@allowed_while_suspended("POST")
def rename_folder(request: HttpRequest, folder_id: int) -> HttpResponse:
    check_sent(request.POST)
    try:
        folders.rename_folder(
            actor=person_of(request), folder_id=folder_id, name=request.POST.get("name", "")
        )
    except (errors.InvalidInput, errors.Conflict) as refusal:
        messages.error(request, refusal.person)
    return _back(request)


@login_required
@require_POST
@allowed_while_suspended("POST")
def delete_folder(request: HttpRequest, folder_id: int) -> HttpResponse:
    """The folder alone; its templates stay in the list."""
    folder = folders.delete_folder(actor=person_of(request), folder_id=folder_id)
    messages.success(request, f"Deleted the folder {folder.name}. Its templates are still here.")
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    """The list as it was asked for: read and written again, so it leads nowhere else."""
    return redirect(asked_by(QueryDict(request.POST.get("back", "").partition("?")[2])).address())


def _picked_ids(form: QueryDict) -> list[int]:
    ids = [int(one) for one in form.getlist("pick") if one.isascii() and one.isdigit()]
    if not ids:
        raise errors.InvalidInput("Select one or more templates first.")
    if len(ids) > PICKED_LIMIT:
        raise errors.InvalidInput(f"Select at most {PICKED_LIMIT} templates at once.")
    return [one for one in ids if one < 2**63]


def _own(person: User, ids: Sequence[int]) -> list[Template]:
    rows = Template.objects.filter(selectors.LIVE, owner=person, pk__in=ids)
    return list(rows.select_related("owner", "head", "source__template").order_by("name", "pk"))


def _move(request: HttpRequest, person: User, ids: Sequence[int]) -> str:
    chosen = request.POST.get("to", "")
    folder = None
    if chosen:
        if not chosen.isascii() or not chosen.isdigit():
            raise errors.NotFound("Folder not found.")
        folder = folders.own_folder(person, int(chosen))
    return _move_to(person, ids, folder.pk if folder else None, folder.name if folder else "")


def _new_folder(request: HttpRequest, person: User) -> str:
    """A folder may be made without anything to put into it."""
    folder = folders.create_folder(actor=person, name=request.POST.get("name", ""))
    if not request.POST.getlist("pick"):
        return f"Created the folder {folder.name}."
    return _move_to(person, _picked_ids(request.POST), folder.pk, folder.name)


def _move_to(person: User, ids: Sequence[int], folder_id: int | None, name: str) -> str:
    count = folders.move(actor=person, template_ids=ids, folder_id=folder_id)
    return (
        f"Moved {_templates(count)} to {name}."
        if name
        else f"Took {_templates(count)} out of their folder."
    )


def _delete(request: HttpRequest, person: User, ids: Sequence[int]) -> str:
    own = _own(person, ids)
    count = 0
    for template in own:
        try:
            services.delete_template(actor=person, public_id=template.public_id)
            count += 1
        except errors.NotFound:
            # Another tab was faster.
            continue
    return f"Deleted {_templates(count)}.{_not_own(len(ids) - len(own))}"


def _make_private(request: HttpRequest, person: User, ids: Sequence[int]) -> str:
    own = _own(person, ids)
    for template in own:
        services.patch_template(
            actor=person,
            public_id=template.public_id,
            changes={"visibility": PRIVATE},
            own_hosts=[request.get_host()],
        )
    count = len(own)
    words = f"{_templates(count)} {'is' if count == 1 else 'are'} private now."
    return words + _not_own(len(ids) - count)


_VERBS: Final[dict[str, Callable[[HttpRequest, User, Sequence[int]], str]]] = {
    "move": _move,
    "delete": _delete,
    "private": _make_private,
}


def _templates(count: int) -> str:
    return f"{count} template{'' if count == 1 else 's'}"


def _not_own(count: int) -> str:
    if not count:
        return ""
    return f" {count} {'is' if count == 1 else 'are'} not yours to change."


def _zip(request: HttpRequest, own: Sequence[Template]) -> HttpResponse:
    """Each as the API's record of it, which Import reads."""
    if not own:
        raise errors.InvalidInput("Select one or more of your own templates.")
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        heads = (selectors.shown_to(template.owner, template) for template in own)
        for view in with_drafts(own[0].owner, heads).values():
            archive.writestr(*file_of(view, base_url=base_url(request)))
    answer = HttpResponse(body.getvalue(), content_type="application/zip")
    answer["Content-Disposition"] = 'attachment; filename="templates.zip"'
    return answer
