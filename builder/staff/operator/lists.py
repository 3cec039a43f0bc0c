"""Lists in the frame of operators' pages, by Django's admin; mail is one.

Services check and log what their forms and actions do.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.db.models import Case, F, Q, When
from django.http import HttpRequest, HttpResponse
from django.utils.timesince import timesince

from accounts.roles import is_operator
from builder.ops import mail_status
from builder.shared.page_requests import check_form
from builder.staff.operator.data import SiteAdmin, site
from builder.staff.operator.views import LARGEST_ID
from core import clock, errors
from notices import mailing, sending
from notices.models import Mail


class StateFilter(admin.SimpleListFilter):
    """By the `states` of its list."""

    title, parameter_name, template = "state", "show", "admin/console_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        self.states: dict[str, tuple[str, Q]] = model_admin.states
        return [(word, label) for word, (label, _) in self.states.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        _, condition = self.states.get(self.value() or "", ("All", Q()))
        return queryset.filter(condition)


class ConsoleAdmin(SiteAdmin):
    """A list of operators."""

    may_see = staticmethod(is_operator)
    change_list_template = "admin/console_list.html"
    list_display_links = None
    empty_value_display = ""
    list_filter = (StateFilter,)
    show_facets = admin.ShowFacets.ALWAYS

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        return lookup == StateFilter.parameter_name

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method == "POST":
            check_form(request)
        for pk in request.POST.getlist("_selected_action"):
            if not (pk.isascii() and pk.isdigit() and len(pk) < 20 and int(pk) <= LARGEST_ID):
                raise errors.InvalidInput("_selected_action: send the numbers of rows.")
        return super().changelist_view(request, extra_context)


def back_of(request: HttpRequest) -> str:
    """The list of a form."""
    return request.path.removesuffix("add/")


def column(title: str, text: Callable[[Any], Any]) -> Any:
    """text: what it says of a row. Style sheets know its cells by the title."""

    def cell(row: Any) -> Any:
        return text(row)

    cell.__name__ = title
    return admin.display(cell, description=title)


def _ago(when: datetime | None) -> str:
    return f"{timesince(when, clock.now(), depth=1)} ago" if when else ""


def _waits(mail: Mail) -> bool:
    return not (mail.sent_at or mail.given_up)


@admin.register(Mail, site=site)
class MailAdmin(ConsoleAdmin):
    """The mail of the last days, without what it says, which is the person's."""

    pages = ("changelist",)
    context: ClassVar[Any] = {"section": "mail", "heading": "Mail", "days": sending.KEPT.days}
    change_list_template = "admin/mail.html"
    states: ClassVar[Any] = {
        "waiting": ("Waiting", Q(sent_at=None, given_up="")),
        "given-up": ("Given up", ~Q(given_up="")),
        "sent": ("Sent", Q(sent_at__isnull=False)),
    }
    list_display = (
        column("About", lambda mail: mail_status.purpose(mail.purpose)),
        column("To", lambda mail: mail.person.username),
        column("Written", lambda mail: _ago(mail.created_at)),
        column("Tried", lambda mail: f"{mail.tries}×"),
        column("Due", lambda mail: f"{mail.due_at:%-d %b, %H:%M} UTC" if _waits(mail) else ""),
        column("Sent", lambda mail: _ago(mail.sent_at)),
        column("Why", lambda mail: mail.given_up),
    )
    search_fields = ("person__username",)
    search_help_text = "To"
    # What waits is first, in the order in which it is sent, then the latest that was given up.
    ordering = (
        F("sent_at").desc(nulls_first=True),
        Case(When(given_up="", then="due_at")).asc(nulls_last=True),
        "-pk",
    )
    counts = staticmethod(mail_status.counts)
    is_on = staticmethod(mailing.is_on)
    problem = staticmethod(sending.problem)

    def sender(self) -> str:
        return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT} from {settings.DEFAULT_FROM_EMAIL}"

    def get_queryset(self, request: HttpRequest) -> Any:
        names = ("purpose", "created_at", "due_at", "tries", "sent_at", "given_up")
        rows = super().get_queryset(request).select_related("person")
        return rows.only("person__username", *names)
