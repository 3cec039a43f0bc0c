"""`/me/templates`: the templates that a person owns and those that others share with them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import blocks
from accounts.models import User
from accounts.suspension import allowed_while_suspended
from builder.shared.forms import NewTemplateForm, show_refusal
from builder.shared.opening import UNTITLED
from builder.shared.page_requests import person_of
from builder.shared.run_display import RUN_WORDS
from builder.web.compose_pages import brief_cookie
from builder.web.run_looks import looks_of
from compose import kept_proposals
from core import errors
from core.public_url import base_url
from moderation.notices import notice_for, notices_for
from runs import selectors as runs
from templates_app import blocked_previews, folders, library, media_links, selectors
from templates_app.checks import issues_of
from templates_app.documents import invitations
from templates_app.documents.selectors import draft_names, with_drafts
from templates_app.graph.rules.issue_texts import for_person
from templates_app.graph.titles import TemplateTitles
from templates_app.library import Entry
from templates_app.lifecycle import services
from templates_app.models import EDITOR, Template
from templates_app.search import QUERY_LENGTH
from templates_app.selectors import VisibleTemplate
from templates_app.uses import table_of

PATH: Final = "/me/templates"
SHOWN = 24
FILTERS: Final[Mapping[str, tuple[str, Callable[[Entry], bool]]]] = {
    "": ("All", lambda entry: True),
    "mine": ("Mine", lambda entry: entry.is_own),
    "shared": ("Shared with me", lambda entry: not entry.is_own),
    "remixes": ("Remixes", lambda entry: entry.is_own and entry.is_remix),
    "public": ("Public", lambda entry: entry.is_own and entry.is_public),
}
SORT_NAMES: Final = {
    library.CHANGED: "Last changed",
    library.NAME: "Name",
    library.LAST_RUN: "Last run",
    library.CREATED: "Created",
}
ROLE_NAMES: Final = {"viewer": "Viewer", "commenter": "Commenter", "editor": "Editor"}


@dataclass(frozen=True, slots=True)
class Asked:
    """The query of an address of the list. folder_id: None for all of them."""

    query: str = ""
    show: str = ""
    folder_id: int | None = None
    sort: str = library.CHANGED
    after: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query or self.show or self.folder_id)

    def address(self, **changes: Any) -> str:
        """The address after some changes; another list begins at its first page."""
        query = replace(self, **{"after": "", **changes})
        pairs = {
            "q": query.query,
            "show": query.show,
            "folder": query.folder_id,
            "sort": "" if query.sort == library.CHANGED else query.sort,
            "after": query.after,
        }
        rest = {name: value for name, value in pairs.items() if value}
        return f"{PATH}?{urlencode(rest)}" if rest else PATH


def asked_by(query: Mapping[str, str]) -> Asked:
    """The question of an address. Anything may be in it."""
    show, sort, folder = (query.get(name, "") for name in ("show", "sort", "folder"))
    return Asked(
        query=query.get("q", "").strip()[:QUERY_LENGTH],
        show=show if show in FILTERS else "",
        folder_id=int(folder)
        if folder.isascii() and folder.isdigit() and len(folder) < 19
        else None,
        sort=sort if sort in SORT_NAMES else library.CHANGED,
        after=query.get("after", ""),
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_templates(request: HttpRequest) -> HttpResponse:
    """The list and the form for a new template, which opens in the editor."""
    if request.method != "POST":
        return _page(request, NewTemplateForm())
    form = NewTemplateForm(request.POST)
    if form.is_valid():
        try:
            outcome = services.create_template(
                actor=person_of(request),
                body={"name": form.cleaned_data["name"] or UNTITLED},
                own_hosts=[request.get_host()],
            )
        except (errors.InvalidInput, errors.Conflict) as refusal:
            show_refusal(form, refusal)
        else:
            editor = reverse("editor", args=[outcome.template.public_id])
            return redirect(f"{editor}#import" if "import" in request.POST else editor)
    return _page(request, form, status=422)


@login_required
@require_POST
@allowed_while_suspended("POST")
def delete(request: HttpRequest, public_id: str) -> HttpResponse:
    """Delete an own template. What others made of it stays theirs."""
    person = person_of(request)
    template = selectors.resolve_own(person, public_id)
    name = draft_names(person, [template.pk]).get(template.pk, template.name)
    services.delete_template(actor=person, public_id=public_id)
    messages.success(request, f"Deleted {name}.")
    return redirect(PATH)


@login_required
@require_POST
def answer_invitation(request: HttpRequest, invitation_id: int, decision: str) -> HttpResponse:
    """Accept or decline to work on another person's template."""
    person = person_of(request)
    try:
        if decision == "accept":
            template = invitations.accept(actor=person, invitation_id=invitation_id)
            messages.success(request, f"{template.name} is now in your templates.")
        elif decision == "decline":
            template = invitations.decline(actor=person, invitation_id=invitation_id)
            messages.success(request, f"Declined {template.name}.")
        else:
            raise errors.NotFound
    except errors.NotFound as gone:
        if decision not in ("accept", "decline"):
            raise
        messages.error(request, gone.person)
    return redirect(PATH)


def _page(request: HttpRequest, form: NewTemplateForm, *, status: int = 200) -> HttpResponse:
    person = person_of(request)
    query = asked_by(request.GET)
    mine = folders.folders_of(person)
    folder = next((one for one in mine if one.pk == query.folder_id), None)
    if folder is None:
        query = replace(query, folder_id=None)
    proposals = kept_proposals.names_of(person)
    every = [
        _with_name(one, proposals) for one in library.entries_of(person, proposals=proposals.keys())
    ]
    in_folder = [one for one in every if folder is None or one.folder_id == folder.pk]
    _, is_shown = FILTERS[query.show]
    last_runs = runs.last_run_ids(person) if query.sort == library.LAST_RUN else {}
    part = library.part(
        filter(is_shown, library.matching(in_folder, query.query)),
        sort=query.sort,
        last_runs=last_runs,
        after=query.after,
        limit=SHOWN,
    )
    context = {
        "form": form,
        "asked": query,
        "rows": _rows(person, part.entries, proposals, base_url(request)),
        "folder": folder,
        "folders": [
            {
                "folder": one,
                "url": query.address(folder_id=one.pk),
                "count": sum(entry.folder_id == one.pk for entry in every),
            }
            for one in mine
        ],
        "everywhere": query.address(folder_id=None),
        "filters": [
            {"name": name, "url": query.address(show=show), "on": show == query.show}
            for show, (name, lets_through) in FILTERS.items()
            # No one needs a filter for what isn't there.
            if show in ("", query.show) or any(map(lets_through, every))
        ],
        "sorts": [(sort, name, sort == query.sort) for sort, name in SORT_NAMES.items()],
        "here": query.address(),
        "further": query.address(after=part.after) if part.after else "",
        "notices": notices_for(person) if not query.after else [],
        "untitled": UNTITLED,
        "brief": brief_cookie.of(request),
        "invited": [
            (one, one.template.owner.shown_name)
            for one in (invitations.sent_to(person) if not query.after else [])
        ],
        "start_from": None if every else _suggestion(person),
    }
    return render(request, "account_pages/my_templates.html", context, status=status)


def _suggestion(person: User) -> Template | None:
    rows = selectors.public_templates().exclude(owner__in=blocks.left_out(person))
    return rows.first()


def _with_name(entry: Entry, proposals: Mapping[int, str]) -> Entry:
    """Call a template that has no name yet what its proposal calls it."""
    name = proposals.get(entry.template_id, "")
    if entry.name != UNTITLED or not name:
        return entry
    return replace(entry, name=name, text=f"{name}\n{entry.text}")


def _rows(
    person: User, entries: tuple[Entry, ...], proposals: Collection[int], origin: str
) -> list[dict[str, Any]]:
    templates = library.templates_in(entries)
    last = runs.last_runs(person, [template.pk for template in templates])
    looks = looks_of(last)
    of = {entry.template_id: entry for entry in entries}
    # What an owner sees: each has a head, as what is not deleted has one.
    heads = (selectors.shown_to(template.owner, template) for template in templates)
    heads_by_id = with_drafts(person, heads)
    blocked_files = blocked_previews.blocked_in(one.version.spec for one in heads_by_id.values())
    return [
        {
            **_row(one, of[pk]),
            "look": looks.get(pk),
            **(_facts(one, origin, blocked_files) if of[pk].is_own else {}),
            "run": last.get(pk),
            "run_state": _state(last.get(pk)),
            "is_proposed": pk in proposals,
        }
        for pk, one in heads_by_id.items()
    ]


def _state(run: Any) -> str:
    return RUN_WORDS.get(run.status, run.status) if run else ""


def _row(template_view: VisibleTemplate, entry: Entry) -> dict[str, Any]:
    template, is_draft = template_view.template, template_view.draft_rev is not None
    return {
        "pk": template.pk,
        "id": template.public_id,
        "name": template_view.version.spec["name"] if is_draft else entry.name,
        "is_own": entry.is_own,
        "owner": template.owner.shown_name,
        "role": ROLE_NAMES.get(entry.role, ""),
        "can_edit": entry.is_own or entry.role == EDITOR,
        "version": "Draft" if is_draft else template_view.version.semver,
        "stages": len(template_view.version.spec["stages"]),
        "changed_at": entry.changed_at,
    }


def _facts(
    template_view: VisibleTemplate, origin: str, blocked_files: Collection[str]
) -> dict[str, Any]:
    """Return the facts of a template in the list that are its owner's alone."""
    template = template_view.template
    tools = table_of(template_view.version)
    issues = issues_of(template_view.version, tools)
    titles = TemplateTitles(template_view.version.spec, tools)
    latest = selectors.original_moved_on(template)
    original = template.source.template if template.source else None
    return {
        "is_public": template.visibility == "public",
        "moderation": template.moderation,
        "is_pending": template.moderation == "quarantined" and _is_undecided(template),
        "picture": _picture(template_view, origin, blocked_files),
        "errors": sum(issue.severity == "error" for issue in issues),
        "warnings": sum(issue.severity != "error" for issue in issues),
        "first_issue": for_person(issues[0], titles) if issues else "",
        "moved_on": latest is not None,
        "original": original,
        "latest": latest,
        "is_remix": bool(template.cloned_from_public_id),
    }


def _is_undecided(template: Template) -> bool:
    """Return whether no moderator has looked yet at what is hidden."""
    notice = notice_for(template)
    return notice is None or notice.is_automatic


def _picture(template_view: VisibleTemplate, origin: str, blocked_files: Collection[str]) -> str:
    """The poster of its first preview, or the preview where that is a picture; else empty."""
    visible_spec = blocked_previews.without_blocked(template_view.version.spec, blocked_files)
    spec = media_links.show(
        visible_spec,
        version_id=template_view.version.pk,
        base_url=origin,
        is_open=template_view.is_open,
    )
    for preview in spec.get("previewArtifacts") or ():
        if not isinstance(preview, dict):
            continue
        poster = preview.get("posterUrl")
        is_picture = preview.get("mediaType") == "image"
        address = poster if isinstance(poster, str) else preview.get("url") if is_picture else ""
        # The page's policy shows nothing of other sites.
        if isinstance(address, str) and address.startswith(f"{origin}/"):
            return address
    return ""
