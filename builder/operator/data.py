"""`/admin/data/`: Django's admin, to look rows up. It changes nothing, and only owners see it.

Changes go through services, which check, tell and log. Secrets, their hashes and what people wrote
stay out: those columns are never read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import URLPattern, path

from accounts import models as accounts
from accounts.gates import staff_page
from accounts.roles import is_owner
from comments import models as comments
from creations import models as creations
from media import models as media
from moderation import models as moderation
from notices import models as notices
from runs import models as runs
from templates_app import models as templates

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin

PAGE = 50
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
    notices.Mail,
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
# JSON and long texts hold prompts and notes; the rest are secrets or stand for a file.
_HIDDEN_KINDS = (models.JSONField, models.TextField, models.BinaryField)
_HIDDEN_NAMES = re.compile(
    r"secret|sha(?!re)|hash|password|token|lookup|address|agent|email|^(text|subject|blob|poster)$"
)
_COLUMNS = 8


class ReadOnlyAdmin(_ModelAdmin):
    """Lists and shows rows of one model."""

    actions = None
    show_full_result_count = False
    list_per_page = PAGE

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

    def get_urls(self) -> list[URLPattern]:
        label = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name=f"{label}_changelist"),
            path("<path:object_id>/change/", view(self.change_view), name=f"{label}_change"),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class DataSite(admin.AdminSite):
    """No sign-in form of its own: it would be a second way in, without a second factor."""

    site_header = site_title = "Reelgraph data"
    index_title = "Data"
    site_url = "/admin/"
    enable_nav_sidebar = False

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return staff_page(is_owner)(super().admin_view(view, cacheable))

    def get_urls(self) -> list[Any]:
        names = {"index", "app_list", "jsi18n"}
        urls = [one for one in super().get_urls() if getattr(one, "name", "") in names]
        for model, shown in self._registry.items():
            head = f"{model._meta.app_label}/{model._meta.model_name}/"
            urls += [
                path(head + str(one.pattern), one.callback, name=one.name)
                for one in shown.get_urls()
            ]
        return urls


def shown_fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The columns that may be read here."""
    return [
        field
        for field in model._meta.concrete_fields
        if not isinstance(field, _HIDDEN_KINDS) and not _HIDDEN_NAMES.search(field.name)
    ]


site = DataSite()
for _model in MODELS:
    site.register(_model, ReadOnlyAdmin)
