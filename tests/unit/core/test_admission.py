"""Limits of bodies that are sent in chunks, whose length no header says."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import signing

from accounts import signed_in
from core import errors
from core.admission import largest_body
from media import presigned_uploads
from media.upload_endpoint import FORM_BYTES
from runs.web.hooks import LIMIT_BYTES


def limit_of(method: str, path: str, **headers: str) -> int:
    return largest_body(method, path, headers, None)


def ticket(most: int = 0) -> str:
    ticket = presigned_uploads.UploadTicket("usr_1", "referenceImage", "here", most=most)
    return presigned_uploads.issue(ticket)


def test_a_body_in_chunks_has_the_limit_of_its_path(settings: Any) -> None:
    assert limit_of("POST", "/v1/x") == settings.BODY_LIMIT_BYTES
    assert limit_of("POST", "/hooks/fal/x") == LIMIT_BYTES
    assert limit_of("PUT", ticket()) == settings.UPLOAD_LIMIT_BYTES
    assert limit_of("PUT", ticket(most=1_000)) == 1_000
    assert limit_of("POST", ticket(most=1_000)) == 1_000 + FORM_BYTES
    cookie = f"signed_in={signing.dumps('1', salt=signed_in._SALT)}"
    for path in ("/app/uploads", "/run-sets"):
        assert limit_of("POST", path, cookie=cookie) == settings.UPLOAD_LIMIT_BYTES + FORM_BYTES


def test_a_body_in_chunks_is_for_those_who_may_bring_a_large_one() -> None:
    for path in ("/app/uploads", "/run-sets"):
        with pytest.raises(errors.Unauthenticated):
            limit_of("POST", path)
    with pytest.raises(errors.Forbidden):
        limit_of("PUT", "/uploads/none")
