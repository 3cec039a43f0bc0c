"""`/describe`: where every "Describe it" box outside the editor sends its words."""

from __future__ import annotations

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.roles import is_operator
from builder.shared.opening import UNTITLED, editor_with_brief
from builder.shared.page_requests import check_brief_length, check_sent
from builder.web.compose_pages import brief_cookie
from compose.drafting import check_can_be_drawn
from compose.model.model_client import configured_model
from compose.plain_settings import read_plain
from core import errors
from templates_app.lifecycle import services
from templates_app.selectors import DESCRIBED


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def describe(request: HttpRequest) -> HttpResponse:
    """GET: the box on a page of its own, with the words that waited. POST: go and draft them.

    A visitor is sent to sign in first and comes back to their words.
    """
    if request.method != "POST":
        return _page(request, brief_cookie.of(request))
    try:
        check_sent(request.POST)
    except errors.InvalidBody as refused:
        return _page(request, "", refused.person)
    brief = request.POST.get("brief", "").strip()
    if not brief:
        return _page(request, "", "Write what you want first.")
    try:
        check_brief_length(brief)
    except errors.InvalidBody as refused:
        return _page(request, brief, refused.person)
    try:
        # A model is asked in the editor, where the draft is paid.
        check_can_be_drawn(brief, read_plain(brief).plan)
    except errors.InvalidInput as question:
        return _page(request, brief, question.person, is_question=True)
    if not isinstance(request.user, User):
        return _signed_in_first(request, brief)
    try:
        outcome = services.create_template(
            actor=request.user,
            body={"name": UNTITLED, "brief": brief},
            own_hosts=[request.get_host()],
            cause=DESCRIBED,
        )
    except (errors.InvalidInput, errors.Conflict, errors.StorageFull) as refused:
        return _page(request, brief, refused.person)
    answer = redirect(editor_with_brief(outcome.template.public_id))
    brief_cookie.forget(answer)
    return answer


def _signed_in_first(request: HttpRequest, brief: str) -> HttpResponse:
    answer = redirect_to_login(reverse("describe"))
    if not brief_cookie.keep(answer, brief):
        return _page(request, brief, "Sign in first to send a text this long.")
    return answer


def _page(
    request: HttpRequest, brief: str, problem: str = "", *, is_question: bool = False
) -> HttpResponse:
    context = {
        "brief": brief,
        "problem": problem,
        "is_question": is_question,
        "lacks_model": is_operator(request.user) and configured_model() is None,
    }
    status = 422 if problem else 200
    return render(request, "compose_pages/describe.html", context, status=status)
