"""`/v1/apps/<slug>/…`: an app for those who hold a link to it, and their runs.

A link's token is the bearer of a start; a run's token, which a start answers with, is its id in
addresses. There are no cookies: it works in a frame on another site, and for programs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.auth import Principal, is_account_credential, principal_from_headers
from accounts.authentication import SAFE_METHODS, require_own_page
from accounts.client_address import client_of
from core import durable, errors
from core.http import body_of, parse, success
from core.openapi import Operation, Parameter, operation
from core.public_url import base_url
from runs import states
from runs.live.body_stream import BodyStream, Reading
from simple_apps import access, guest_files, guest_runs, guest_view
from simple_apps.models import GuestLink
from simple_apps.schemas import (
    AppAnswer,
    GuestReplyIn,
    GuestRunAnswer,
    GuestStartIn,
    GuestUploadIn,
    GuestUploadOut,
)

TAG = "Apps"
TOKEN = Parameter(
    "Authorization",
    "header",
    "`Bearer` and the token of a guest link, or an API key where the app may be run at one's own"
    " cost.",
    required=True,
)
GUEST = Parameter(
    "X-Guest",
    "header",
    "What this browser or program calls itself, for links that give each guest so many runs.",
)
KEY = Parameter(
    "Idempotency-Key",
    "header",
    "Repeating a request with the same key has no further effect.",
    {"type": "string", "maxLength": 255},
)


class Caller(NamedTuple):
    """link: by which someone uses an app. payer: who they are, where it is their own link."""

    link: GuestLink
    payer: Principal | None


class GuestView(APIView):
    """A view for people without an account."""

    authentication_classes: Any = ()
    permission_classes: Any = ()


def caller_of(request: Any, slug: str) -> Caller:
    """Return the link whose token a request bears, or the own link of a person with an account.

    Raises NotFound, Unauthenticated, Forbidden and QuotaExceeded.
    """
    access.check_requests(client_of(request).address)
    headers = {name.lower(): value for name, value in request.headers.items()}
    kind, _, token = headers.get("authorization", "").partition(" ")
    token = token.strip()
    is_token = kind.lower() == "bearer" and token and not is_account_credential(token)
    if is_token and "api-key" not in headers:
        return Caller(access.open_link(slug, token[:200]), None)
    writes = request.method not in SAFE_METHODS
    try:
        payer = principal_from_headers(
            headers,
            query_string=request.META.get("QUERY_STRING", ""),
            scope="run" if writes else "read",
        )
    except errors.Unauthenticated as refusal:
        if refusal.number != errors.Unauthenticated.number:
            raise
        raise errors.Unauthenticated(
            "Send the link's token as Authorization: Bearer <token>, or an API key where the app"
            " may be run at one's own cost."
        ) from None
    if payer.from_cookie and writes:
        require_own_page(getattr(request, "_request", request))
    return Caller(access.own_link(slug, payer.user, creates=writes), payer)


def guest_of(request: Any) -> str:
    """Return the name that a browser or program sends, or else its network address."""
    return (request.headers.get("X-Guest") or client_of(request).address)[:200]


def start(request: Any, caller: Caller, inputs: dict[str, Any]) -> tuple[int, GuestRunAnswer]:
    """Start a run, and return the answer's status and data. Raises what `guest_runs.start` does,
    and QuotaExceeded."""
    link, payer = caller
    access.check_starts(link, client_of(request).address)
    result = guest_runs.start(
        link=link,
        guest=guest_of(request) if payer is None else payer.user.public_id,
        payer=payer,
        inputs=inputs,
        key=request.headers.get("Idempotency-Key", "")[:255],
        own_hosts=[request.get_host()],
    )
    run = guest_view.guest_run(result.run, result.token, result.rows)
    return 200 if result.is_replay else 201, {"run": run}


class AppView(GuestView):
    """`/v1/apps/<slug>`"""

    @operation(
        "getApp",
        "Get an app",
        tag=TAG,
        parameters=(TOKEN,),
        answers={200: AppAnswer},
        errors=(401,),
        public=True,
    )
    def get(self, request: Request, slug: str) -> Response:
        data: AppAnswer = {"app": guest_view.app_body(caller_of(request, slug).link)}
        return success(data)


class GuestRunsView(GuestView):
    """`/v1/apps/<slug>/runs`"""

    @operation(
        "startGuestRun",
        "Run an app",
        tag=TAG,
        parameters=(TOKEN, GUEST, KEY),
        body=GuestStartIn,
        body_example={"inputs": {"brief": "A lighthouse"}},
        answers={201: GuestRunAnswer, 200: GuestRunAnswer},
        errors=(401, 402, 404, 409, 422, 429),
        public=True,
        scope="run",
        description="At the cost of the app's owner, within the link's allowance; with an API key"
        " at the cost of its person, where the app allows that. The answer's `id`"
        " is the only way to read the run; keep it.",
    )
    def post(self, request: Request, slug: str) -> Response:
        caller = caller_of(request, slug)
        status, data = start(request, caller, parse(GuestStartIn, body_of(request)).inputs)
        return success(data, status=status)


class GuestRunView(GuestView):
    """`/v1/apps/<slug>/runs/<token>`"""

    @operation(
        "getGuestRun", "Get a guest's run", tag=TAG, answers={200: GuestRunAnswer}, public=True
    )
    def get(self, request: Request, slug: str, token: str) -> Response:
        access.check_requests(client_of(request).address)
        return _answer(slug, token)


class GuestRunCancelView(GuestView):
    """`/v1/apps/<slug>/runs/<token>/cancel`"""

    @operation(
        "cancelGuestRun",
        "Stop a guest's run",
        tag=TAG,
        answers={200: GuestRunAnswer},
        errors=(409,),
        public=True,
    )
    def post(self, request: Request, slug: str, token: str) -> Response:
        access.check_requests(client_of(request).address)
        guest_runs.stop(access.open_run(slug, token))
        return _answer(slug, token)


class GuestRunReplyView(GuestView):
    """`/v1/apps/<slug>/runs/<token>/answer`"""

    @operation(
        "answerGuestRun",
        "Answer what a guest's run asks",
        tag=TAG,
        body=GuestReplyIn,
        body_example={"question": 7, "choices": [1]},
        answers={200: GuestRunAnswer},
        errors=(401, 402, 403, 409),
        public=True,
        description="That a run at one's own cost may take more than it was quoted is approved with"
        " the credentials of its person.",
    )
    def post(self, request: Request, slug: str, token: str) -> Response:
        access.check_requests(client_of(request).address)
        run = access.open_run(slug, token)
        reply = parse(GuestReplyIn, body_of(request))
        guest_runs.answer(run, reply, lambda: caller_of(request, slug).payer)
        return _answer(slug, token)


class GuestUploadsView(GuestView):
    """`/v1/apps/<slug>/uploads`"""

    @operation(
        "getGuestUploadUrl",
        "Get an address to bring a file to",
        tag=TAG,
        parameters=(TOKEN, GUEST),
        body=GuestUploadIn,
        body_example={"kind": "image"},
        answers={201: GuestUploadOut},
        errors=(401, 402, 404, 429, 507),
        public=True,
        scope="run",
        description="PUT the raw bytes there while the link is open; the answer's `downloadUrl` is"
        " the input's value. With an API key they go into its person's storage. Guests' files wait"
        " for a run: 3 for each run that the link has left, 100 MB an app. A file that no run takes"
        " is gone after a day.",
    )
    def post(self, request: Request, slug: str) -> Response:
        link = caller_of(request, slug).link
        access.check_uploads(link, client_of(request).address)
        kind = parse(GuestUploadIn, body_of(request)).kind
        data: GuestUploadOut = {
            "uploadUrl": base_url(request) + guest_files.upload_path(link, kind),
            "limitBytes": guest_files.upload_limit(),
        }
        return success(data, status=201)


def _answer(slug: str, token: str) -> Response:
    run = guest_view.guest_run(access.open_run(slug, token), token)
    # It tells of steps and of the run's end, as events do.
    data: GuestRunAnswer = {"run": durable.flushed(run)}
    return success(data)


class GuestRunStream(BodyStream):
    """`…/runs/<token>/events`: each `run` event holds all that the guest reads."""

    operations: ClassVar[dict[str, Operation]] = {
        "get": Operation(
            "streamGuestRun",
            "Stream a guest's run",
            "Apps",
            answers={200: {"type": "string", "description": "Server-sent events."}},
            answer_type="text/event-stream",
            flat=True,
            public=True,
            description="`event: run` with a `GuestRunOut` as `data` each time it changes, then"
            " `event: end` when it is over.",
        )
    }
    event = "run"

    def look(self, names: Mapping[str, str], headers: Mapping[str, str], query: str) -> Reading:
        guest = access.open_run(names["slug"], names["token"])
        body = guest_view.guest_run(guest, names["token"])
        return Reading(body, body["status"] in states.RUN_TERMINAL, guest.run_id)
