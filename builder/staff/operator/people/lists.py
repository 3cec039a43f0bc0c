"""Lists of operators: invitations, and who is an owner, an operator or a moderator."""

from __future__ import annotations

from functools import partial, reduce
from operator import or_
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Case, CharField, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import OneTimeLink, User
from accounts.one_time_links import INVITATION, INVITATION_LIFE
from accounts.roles import is_owner
from accounts.selectors import person_named
from builder.shared import one_time_secret
from builder.shared.forms import InvitationForm, RoleForm
from builder.shared.one_time_secret import shown_once
from builder.shared.page_requests import person_of
from builder.staff.operator.lists import ConsoleAdmin, back_of, column, site
from builder.staff.operator.people import joining, selectors
from builder.staff.operator.people.changes import invalid
from builder.staff.operator.people.views import IN_LOG
from builder.staff.operator.views import form_page
from core import clock
from core.public_url import base_url
from moderation import moderators
from moderation.models import AuditEntry
from moderation.moderators import ROLES, Role
from notices import mailing, sending

MAY = {
    moderators.OWNER: "everything, also roles and looking rows up under Data.",
    moderators.OPERATOR: "runs, workers, providers, mail, people and the server's settings.",
    moderators.MODERATOR: "cases, people's moderation pages and the audit log.",
}
STATES = {"open": "Open", "used": "Used", "revoked": "Revoked", "over": "Run out"}


@admin.register(OneTimeLink, site=site)
class InvitationAdmin(ConsoleAdmin):
    """Invitations until a month after they ended. Their links are nowhere in the clear."""

    context: ClassVar[Any] = {
        "section": "people",
        "heading": "Invitations",
        "add": "Invite someone",
        "days": INVITATION_LIFE.days,
    }
    change_list_template = "admin/invitations.html"
    actions = ("revoke",)
    states: ClassVar[Any] = {word: (label, Q(state=word)) for word, label in STATES.items()}
    list_display = (
        column("For", lambda row: row.subject or "anyone"),
        column("State", lambda row: format_html('<span class="pill">{}</span>', STATES[row.state])),
        column("By", lambda row: row.host),
        column("Expires", lambda row: f"{row.expires_at:%-d %b %Y, %H:%M} UTC"),
    )
    search_fields = ("subject",)
    search_help_text = "For"
    ordering = ("-expires_at", "-id")

    def get_queryset(self, request: HttpRequest) -> Any:
        pk = Cast(OuterRef("pk"), CharField())
        log = AuditEntry.objects.filter(subject_kind=joining.INVITE, subject_id=pk)
        rows = super().get_queryset(request).filter(purpose=INVITATION)
        return rows.only("subject", "expires_at").annotate(
            host=Subquery(log.filter(action="invite.create").values("actor__username")[:1]),
            state=Case(
                When(used_at__isnull=False, then=Value("used")),
                When(expires_at__gt=clock.now(), then=Value("open")),
                When(Exists(log.filter(action="invite.revoke")), then=Value("revoked")),
                default=Value("over"),
            ),
        )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        page = super().changelist_view
        return shown_once(request, request.path, lambda link: page(request, {"link": link}))

    def add_view(self, request: HttpRequest, *more: Any, **context: Any) -> HttpResponse:
        def invite(fields: dict[str, Any]) -> HttpResponse:
            origin, email = base_url(request), fields["email"]
            link = joining.invite(actor=person_of(request), base_url=origin, **fields)
            if email and (why := sending.problem()):
                text = f"The mail server can't be used now, so mail to {email} waits."
                messages.error(request, f"{text} Send the link: {why}")
            elif email:
                messages.success(request, f"The link is on its way to {email}.")
            response = redirect(back_of(request))
            one_time_secret.keep(request, response, link, path=back_of(request))
            return response

        form = InvitationForm(request.POST if request.method == "POST" else None)
        without = "" if mailing.is_on() else "email"
        words = {"title": "Invite someone", "button": "Create invitation"}
        return form_page(request, form, invite, without=without, back=back_of(request), **words)

    @admin.action(description="Revoke")
    def revoke(self, request: HttpRequest, rows: Any) -> None:
        count = sum(joining.revoke(actor=person_of(request), link_id=row.pk) for row in rows)
        text = f"{count} invitations revoked." if count > 1 else "Invitation revoked."
        messages.info(request, text if count else "Nothing to change: it was no longer open.")


def _has(role: Role) -> Q:
    return Q(is_superuser=True) if role.group is None else Q(groups__name=role.group)


def _roles_of(person: User) -> SafeString:
    groups: set[str | None] = {group.name for group in person.groups.all()}
    if person.is_superuser:
        groups.add(None)
    titles = ((role.title,) for role in ROLES.values() if role.group in groups)
    return format_html_join(" ", '<span class="pill">{}</span>', titles)


def _link_of(person: User) -> SafeString:
    return format_html(
        '<a class="link" href="{}"><bdi>{}</bdi></a> <bdi class="muted">{}</bdi>{}',
        reverse("operator-person", args=[person.public_id]),
        person.username,
        person.display_name,
        "" if person.is_active else SafeString(' <span class="pill pill-bad">Deactivated</span>'),
    )


class RoleAdmin(ConsoleAdmin):
    """People with a role. All that is done with some of them is refused if one of it is."""

    may_see = staticmethod(is_owner)
    context: ClassVar[Any] = {
        "section": "roles",
        "heading": "Roles",
        "add": "Give a role",
        "lede": [f"{role.title}: {MAY[role.name]}" for role in ROLES.values()],
    }
    states: ClassVar[Any] = {role.name: (f"{role.title}s", _has(role)) for role in ROLES.values()}
    list_display = (column("Person", _link_of), column("Roles", _roles_of))
    search_fields = ("username", "display_name")
    search_help_text = "Name"
    ordering = ("username",)

    def get_queryset(self, request: HttpRequest) -> Any:
        names = ("username", "display_name", "public_id", "is_active", "is_superuser")
        staff = selectors.people().filter(reduce(or_, map(_has, ROLES.values()))).distinct()
        return staff.only(*names).prefetch_related("groups")

    def get_actions(self, request: HttpRequest) -> Any:
        return {
            (name := f"{verb}-{role.name}"): (
                partial(RoleAdmin.ask, verb=verb, role=role),
                name,
                words.format(role.title.lower()),
            )
            for verb, words in (("give", "Make {}"), ("take", "Take {} away"))
            for role in ROLES.values()
        }

    def add_view(self, request: HttpRequest, *more: Any, **context: Any) -> HttpResponse:
        def give(fields: dict[str, str]) -> HttpResponse:
            name = fields["username"].strip()
            person = person_named(name)
            if person is None or not selectors.people().contains(person):
                text = f"There is no account {name}. Enter the username of someone on this server."
                raise invalid("username", text)
            return self.change_roles(request, [person], "give", ROLES[fields["role"]])

        form = RoleForm(request.POST if request.method == "POST" else None)
        words = {"title": "Give a role", "button": "Give role", "section": "roles"}
        return form_page(request, form, give, back=back_of(request), **words)

    def ask(self, request: HttpRequest, rows: Any, verb: str, role: Role) -> HttpResponse:
        """Ask once more."""
        people, is_give = list(rows), verb == "give"
        do, to, get = ("Give", "to", "get") if is_give else ("Take", "away from", "lose")
        return form_page(
            request,
            forms.Form(request.POST if "is_sure" in request.POST else None),
            lambda _: self.change_roles(request, people, verb, role),
            title=f"{do} the role {role.title} {to} {', '.join(map(str, people)) or 'no one'}?",
            says=(f"They {get}: {MAY[role.name]}", "They get a notice."),
            button="Give" if is_give else "Take away",
            look="btn-ink" if is_give else "btn-bad",
            action=f"{verb}-{role.name}",
            people=people,
            back=back_of(request),
            section="roles",
        )

    def change_roles(
        self, request: HttpRequest, people: list[User], verb: str, role: Role
    ) -> HttpResponse:
        change, has = (
            (moderators.give, "now has") if verb == "give" else (moderators.take, "no longer has")
        )
        me = person_of(request)
        with transaction.atomic():
            names = [one.username for one in people if change(user=one, role=role.name, actor=me)]
        text = " ".join(f"{name} {has} the role {role.title}." for name in names)
        messages.info(request, text + IN_LOG if text else "Nothing to change.")
        # Those who took it from themselves see this page no more.
        is_own = (verb, role.name) == ("take", moderators.OWNER) and me in people
        return redirect("/" if is_own else back_of(request))


site.more["roles"] = RoleAdmin(User, site)
