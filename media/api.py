"""`/v1/…/uploadUrl` and `downloadUrl`, and their second version: where a file goes and is."""

from __future__ import annotations

from typing import cast

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import storage
from accounts.models import User
from accounts.suspension import check_may_act
from core import errors
from core.http import parse, success
from core.openapi import Parameter, operation, parameters_of
from core.public_url import base_url
from media import presigned_uploads, services, signing
from media.sandbox.table_limits import MAX_FILE_BYTES
from media.schemas import DownloadUrl, UploadForm, UploadQuery, UploadUrl

TAG = "Uploads"
QUERY = (
    *parameters_of(UploadQuery),
    Parameter("imageId", "query", "Another word for `id`, which wins."),
)


class UploadUrlView(APIView):
    """`GET /v1/image/uploadUrl`, `/v1/media/uploadUrl`."""

    @operation(
        "getUploadUrl",
        "Get an upload URL (PUT)",
        scope="run",
        tag=TAG,
        parameters=QUERY,
        answers={200: UploadUrl},
        errors=(403, 409),
        description="The same `jobId`, `id` and `type` name the same file: a later PUT replaces an"
        " earlier one, except in what already uses that.",
    )
    def get(self, request: Request) -> Response:
        _, address = _ticket(request)
        return success(UploadUrl(uploadUrl=address).model_dump())


class UploadFormView(APIView):
    """`GET /v2/image/uploadUrl`, `/v2/media/uploadUrl`."""

    @operation(
        "getUploadForm",
        "Get an upload URL (form POST)",
        scope="run",
        tag=TAG,
        parameters=QUERY,
        answers={200: UploadForm},
        errors=(403, 409),
    )
    def get(self, request: Request) -> Response:
        query, address = _ticket(request)
        fields = {"key": f"{query.jobId}/{query.id}"}
        if query.contentType:
            fields["Content-Type"] = query.contentType
        return success(UploadForm(url=address, fields=fields).model_dump())


class DownloadUrlView(APIView):
    """`GET …/downloadUrl`, of both versions."""

    @operation(
        "getDownloadUrl",
        "Get a download URL",
        tag=TAG,
        parameters=QUERY,
        answers={200: DownloadUrl},
        errors=(404,),
    )
    def get(self, request: Request) -> Response:
        query = parse(UploadQuery, request.query_params.dict())
        upload = services.upload_at(cast(User, request.user), _place(query))
        if upload is None:
            raise errors.NotFound(
                "Nothing was uploaded under this jobId, id and type. Request its uploadUrl and"
                " send the file there first."
            )
        url = base_url(request) + signing.signed_path(upload.public_id, upload.filename)
        return success(DownloadUrl(downloadUrl=url).model_dump())


def _ticket(request: Request) -> tuple[UploadQuery, str]:
    """Return what is asked for, and the address to bring it to."""
    owner = cast(User, request.user)
    query = parse(UploadQuery, request.query_params.dict())
    # Said now: a program that learns it after 500 MB has sent them for nothing.
    check_may_act(owner)
    storage.check_room(owner, 1)
    # A table is read when a run set is made of it, and is of no use afterwards.
    limits = (MAX_FILE_BYTES, 24) if query.type == presigned_uploads.TABLE else ()
    ticket = presigned_uploads.UploadTicket(owner.public_id, query.type, _place(query), *limits)
    return query, base_url(request) + presigned_uploads.issue(ticket)


def _place(query: UploadQuery) -> str:
    return presigned_uploads.slot_key(job=query.jobId, name=query.id, slot=query.type)
