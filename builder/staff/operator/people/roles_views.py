"""`/admin/roles`: who is an owner, an operator or a moderator. Owners only."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.roles import is_owner
from accounts.staff_permissions import staff_page
from builder.shared.forms import show_refusal
from builder.shared.page_requests import check_form, person_of
from builder.staff.operator.people import selectors
from builder.staff.operator.people.forms import NoteForm, RoleForm
from builder.staff.operator.people.person_views import IN_LOG
from builder.staff.operator.people.views import REFUSALS
from builder.staff.operator.views import frame
from core import errors
from moderation import moderators
from moderation.moderators import ROLES

owners_only = staff_page(is_owner)
MAY = {
    moderators.OWNER: "Everything: also roles, and looking rows up under Data.",
    moderators.OPERATOR: "Runs, workers, providers, mail, people and the server's settings.",
    moderators.MODERATOR: "Cases, people's moderation pages and the audit log.",
}


@owners_only
@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    """Who has which role."""
    return _page(request)


@owners_only
@require_POST
def add(request: HttpRequest, role: str) -> HttpResponse:
    """Give a role to the person of a username."""
    check_form(request)
    title = _title(role)
    form = RoleForm(request.POST)
    status = 422
    try:
        if form.is_valid():
            name = form.cleaned_data["username"].strip()
            person = selectors.people().filter(username__iexact=name).first()
            if person is None:
                said = f"There is no account {name}. Enter the username of someone on this server."
                form.add_error("username", said)
            else:
                is_new = moderators.give(user=person, role=role, actor=person_of(request))
                now = f"{person.username} is now {title}.{IN_LOG}"
                messages.success(request, now if is_new else "Nothing to change.")
                return redirect("roles")
    except REFUSALS as refusal:
        show_refusal(form, refusal)
        status = refusal.status
    return _page(request, refused=(role, form), status=status)


@owners_only
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, role: str, public_id: str) -> HttpResponse:
    """Take a role away; asked once more."""
    title = _title(role)
    person = selectors.person_of(public_id)
    form = NoteForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        check_form(request)
        try:
            is_new = moderators.take(user=person, role=role, actor=person_of(request))
            now = f"{person.username} is no longer {title}.{IN_LOG}"
            messages.success(request, now if is_new else "Nothing to change.")
            # Those who took it from themselves see this page no more.
            is_own = role == moderators.OWNER and person.pk == person_of(request).pk
            return redirect("/" if is_own else "roles")
        except REFUSALS as refusal:
            form.is_valid()
            show_refusal(form, refusal)
            status = refusal.status
    context = {
        **frame(request, "roles"),
        "person": person,
        "asked": {
            "title": f"Take the role {ROLES[role].title} away",
            "button": "Take away",
            "says": (f"They lose: {MAY[role][0].lower()}{MAY[role][1:]}", "They get a notice."),
        },
        "form": form,
        "is_role": True,
    }
    return render(request, "operator/people/confirm.html", context, status=status)


def _title(role: str) -> str:
    """`an owner`. Raises NotFound."""
    if role not in ROLES:
        raise errors.NotFound
    said = ROLES[role].title.lower()
    return f"{'an' if said[0] in 'aeiou' else 'a'} {said}"


def _page(
    request: HttpRequest, *, refused: tuple[str, RoleForm] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        **frame(request, "roles"),
        "sections": [
            {
                "role": role,
                "may": MAY[role.name],
                "people": _people(role.group),
                "form": _form(role.name, refused),
            }
            for role in ROLES.values()
        ],
    }
    return render(request, "operator/people/roles.html", context, status=status)


def _people(group: str | None) -> list[User]:
    rows = selectors.people().order_by("username")
    if group is None:
        return list(rows.filter(is_superuser=True))
    return list(rows.filter(groups__name=group))


def _form(role: str, refused: tuple[str, RoleForm] | None) -> RoleForm:
    form = refused[1] if refused is not None and refused[0] == role else RoleForm()
    form.auto_id = f"{role}_%s"
    return form
