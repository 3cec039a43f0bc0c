"""`/app/uploads`: a file for a form, from the browser of someone who is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from accounts import signed_in
from accounts.models import User
from accounts.suspension import allowed_while_suspended
from core import errors
from core.public_url import base_url
from media import services, signing
from media.models import Upload
from media.multipart import FileReceiver
from media.upload_endpoint import FORM_BYTES


def largest_body(method: str, path: str, headers: Mapping[str, str], length: int | None) -> int:
    """Return the limit (`core.admission.Admission`) of a file from someone who is signed in.

    Raises Unauthenticated, TooLarge. The view looks at the session itself.
    """
    if length is not None and length <= settings.BODY_LIMIT_BYTES:
        return int(settings.BODY_LIMIT_BYTES)
    if not signed_in.holds(headers.get("cookie", "")):
        raise errors.Unauthenticated(
            "Sign in to upload files. If you're signed in, reload the page first."
        )
    most: int = settings.UPLOAD_LIMIT_BYTES + FORM_BYTES
    if length is not None and length > most:
        raise errors.TooLarge(f"Over the limit of {most // 1_000_000} MB. Send less.")
    return most


@csrf_exempt
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take one file of a multipart form. CSRF is checked below: the check reads the body, and
    before that it must be settled where the file goes."""
    person = _person(request)
    receiver = FileReceiver()
    request.upload_handlers = [receiver]
    try:
        return _receive(request, person, receiver)
    finally:
        receiver.discard()


@require_http_methods(["DELETE"])
@allowed_while_suspended("DELETE")
def forget(request: HttpRequest, upload_id: str) -> HttpResponse:
    """Remove an own file that nothing shows."""
    services.delete_upload(owner=_person(request), public_id=upload_id)
    return HttpResponse(status=204)


@csrf_protect
def _receive(request: HttpRequest, person: User, receiver: FileReceiver) -> HttpResponse:
    request.POST  # noqa: B018  parses the body, and so receives the file
    if receiver.path is None:
        raise errors.InvalidBody('Send one file as "file" of a multipart form.')
    upload = services.keep_upload(owner=person, path=receiver.path, filename=receiver.name)
    return JsonResponse(shape(upload, base_url(request)), status=201)


def shape(upload: Upload, origin: str) -> dict[str, Any]:
    """Describe a file to the browser that sent it. duration: seconds; url: works for a day."""
    blob = upload.blob
    assert blob is not None  # noqa: S101  keep_upload stores it with the row
    return {
        "id": upload.public_id,
        "url": origin + signing.signed_path(upload.public_id, upload.filename),
        "kind": blob.kind,
        "width": blob.width,
        "height": blob.height,
        "duration": blob.duration_s,
        "filename": upload.filename,
        "change": upload.change,
    }


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise errors.Unauthenticated("Sign in to upload files.")
    return request.user
