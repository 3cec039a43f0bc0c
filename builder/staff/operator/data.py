"""`/admin/data/`: Django's admin, to look rows up. Only owners see those; lists of operators, which
are at the same site, are in `lists`.

Changes go through services, which check, tell and log. Here only what CORRECTED lists is changed:
texts that no rule depends on. Secrets, their hashes and what people wrote stay out: those columns
are never read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.paginator import Paginator
from django.db import models, transaction
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.functional import cached_property

from accounts import models as accounts
from accounts import names
from accounts.roles import is_operator, is_owner
from accounts.staff_permissions import staff_page
from builder.shared.account_changes import change_profile
from builder.shared.page_requests import person_of
from builder.staff.operator.views import frame
from comments import models as comments
from core import errors, short_text
from creations import models as creations
from media import models as media
from moderation import audit_log
from moderation import models as moderation
from notices import models as notices
from runs import models as runs
from templates_app import models as templates

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin

PAGE = 50
# Of more rows only so many are on pages; the others are found by a search.
NEWEST = 1_000
# What people find a row by.
SEARCHED = ("public_id", "username", "name", "key")
MODELS: Sequence[type[models.Model]] = (
    accounts.User,
    accounts.ApiKey,
    accounts.LedgerEntry,
    accounts.SecurityEvent,
    accounts.StorageUse,
    comments.Comment,
    creations.Share,
    creations.ShareMedia,
    creations.Like,
    creations.Remix,
    media.Upload,
    moderation.Case,
    moderation.Decision,
    moderation.Report,
    moderation.AuditEntry,
    notices.Notice,
    notices.Choice,
    runs.Run,
    runs.Step,
    runs.Attempt,
    runs.Artifact,
    runs.Event,
    runs.Wait,
    templates.Template,
    templates.TemplateVersion,
    templates.Collaborator,
    templates.Invitation,
    # What carries hints between workers. Its own admin offers to run jobs again.
    *(apps.get_app_config("procrastinate").get_models() if settings.ON_POSTGRES else ()),
)
# In a model's Meta each would be a migration.
PLURALS: Mapping[type[models.Model], str] = {
    accounts.ApiKey: "API keys",
    accounts.LedgerEntry: "ledger entries",
    accounts.OneTimeLink: "invitations",
    creations.Remix: "remixes",
    creations.ShareMedia: "shared media",
    moderation.AuditEntry: "audit entries",
    notices.Mail: "mail",
}
# JSON and long texts hold prompts and notes; the rest are secrets or stand for a file.
_HIDDEN_KINDS = (models.JSONField, models.TextField, models.BinaryField)
_HIDDEN_NAMES = re.compile(
    r"secret|sha(?!re)|hash|password|token|lookup|address|agent|email|^(text|subject|blob|poster)$"
)
_COLUMNS = 8


def _key_name(text: str) -> str:
    return short_text.clean(text, field="name")


# Of a model, the fields that may be corrected, each with what checks and tidies it.
CORRECTED: Mapping[type[models.Model], Mapping[str, Callable[[str], str]]] = {
    accounts.User: {"display_name": names.check_display_name},
    accounts.ApiKey: {"name": _key_name},
}


class NewestPaginator(Paginator):
    """Pages of the newest rows: to count all of them would read the table."""

    @cached_property
    def count(self) -> int:
        rows = cast("models.QuerySet[Any]", self.object_list)
        return len(rows.values_list("pk")[:NEWEST])


class SiteAdmin(_ModelAdmin):
    """A list of the site. may_see: of a person. pages: its own. context: of its templates."""

    may_see: Callable[[object], bool] = staticmethod(is_owner)
    pages: ClassVar[Sequence[str]] = ("changelist", "add")
    context: ClassVar[Mapping[str, Any]] = {"section": "data"}
    show_full_result_count = False
    list_per_page = PAGE
    paginator = NewestPaginator

    def get_urls(self) -> list[URLPattern]:
        return [one for one in super().get_urls() if str(one.name).split("_")[-1] in self.pages]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_see(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may_see(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return "add" in self.pages and self.may_see(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(SiteAdmin):
    """Lists and shows rows of one model."""

    pages = ("changelist", "change")
    actions = None
    ordering = ("-pk",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [one.name for one in shown_fields(self.model)]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        # References as numbers: their texts would take a query each.
        return [one.attname for one in shown_fields(self.model)[:_COLUMNS]]

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return [name for name in self.get_fields(request) if name in SEARCHED]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).only(*self.get_fields(request))

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        # By a filter on a column that isn't shown, its text could be guessed letter by letter.
        is_shown = lookup.partition("__")[0] in self.get_fields(request)
        return is_shown and super().lookup_allowed(lookup, value, request)


class _CorrectionForm(forms.ModelForm):
    """Texts as their own forms take them: tidy, and of characters that can be seen."""

    def clean(self) -> dict[str, Any]:
        super().clean()
        for name in list(self.cleaned_data):
            try:
                self.cleaned_data[name] = CORRECTED[self._meta.model][name](self.cleaned_data[name])
            except errors.InvalidInput as refusal:
                self.add_error(name, refusal.details["issues"][0]["message"])
        return self.cleaned_data


class CorrectingAdmin(ReadOnlyAdmin):
    """Shows rows of one model and changes the fields that CORRECTED names."""

    form = _CorrectionForm

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [one for one in self.get_fields(request, obj) if one not in CORRECTED[self.model]]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # The names of those who left, and of the server's own account, say what they are.
        is_open = not isinstance(obj, accounts.User) or obj.is_active
        return is_open and self.may_see(request.user)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write what was changed, and nothing else of the row, with its entry in the audit log."""
        names = form.changed_data
        with transaction.atomic():
            row = self.model._default_manager.select_for_update().get(pk=obj.pk)
            before = {name: getattr(row, name) for name in names}
            after = {name: getattr(obj, name) for name in names}
            if before == after:
                return
            if isinstance(row, accounts.User):
                # What is found by the name is written with it.
                change_profile(user=row, email=row.email, **after)
            else:
                self.model._default_manager.filter(pk=obj.pk).update(**after)
            kind = "user" if isinstance(obj, accounts.User) else "key"
            audit_log.enter(
                actor=person_of(request),
                action="data.correct",
                subject_kind=kind,
                subject_id=str(obj.pk),
                data={"before": before, "after": after},
            )

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The audit log has it; Django's own could be changed."""


class DataSite(admin.AdminSite):
    """No sign-in form of its own: it would be a second way in, without a second factor.

    more: lists whose model has one already, by name.
    """

    site_header = site_title = "Reelgraph data"
    index_title = "Data"
    site_url = "/admin/"
    enable_nav_sidebar = False
    may_see = staticmethod(is_operator)
    context = SiteAdmin.context
    more: ClassVar[dict[str, SiteAdmin]] = {}

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Guard a page of the site or of a list: its own says who sees it."""
        return staff_page(view.__self__.may_see)(super().admin_view(view, cacheable))

    def each_context(self, request: Any) -> dict[str, Any]:
        page = getattr(request.resolver_match.func, "model_admin", self)
        return {**super().each_context(request), **frame(request, ""), **page.context}

    def get_urls(self) -> list[Any]:
        names = {"index", "app_list", "jsi18n"}
        urls = [one for one in super().get_urls() if getattr(one, "name", "") in names]
        registry = self._registry.items()
        lists = {f"{of._meta.app_label}_{of._meta.model_name}": one for of, one in registry}
        for label, own in {**lists, **self.more}.items():
            for page in own.get_urls():
                name = f"{label}_{str(page.name).split('_')[-1]}"
                route = f"{label.replace('_', '/')}/{page.pattern}"
                urls.append(path(route, page.callback, name=name))
        return urls


def shown_fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The columns that may be read here."""
    return [
        field
        for field in model._meta.concrete_fields
        if not isinstance(field, _HIDDEN_KINDS) and not _HIDDEN_NAMES.search(field.name)
    ]


site = DataSite()
for _model, _plural in PLURALS.items():
    _model._meta.verbose_name_plural = _plural
for _model in MODELS:
    site.register(_model, CorrectingAdmin if _model in CORRECTED else ReadOnlyAdmin)
