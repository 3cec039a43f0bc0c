"""Every failure people can meet, in one tree. `core.http` turns these into answers.

AppError               500 internal
├─ InvalidBody         400 body.invalid             malformed or dangerous JSON, wrong shape
├─ Unauthenticated     401 auth.required
├─ InsufficientCredit  402 credit.insufficient
│  └─ AllowanceSpent   402 allowance.spent          of what others may start at a cost of one
├─ Forbidden           403 auth.forbidden
├─ NotFound            404 not_found                also for what the viewer may not know exists
├─ NotAllowed          405 method.not_allowed
├─ RequestTimeout      408 request.timeout
├─ Conflict            409 conflict
├─ TooLarge            413 body.too_large
├─ UnsupportedMedia    415 body.unsupported_media
├─ InvalidInput        422 input.invalid            carries issues, one per problem
├─ QuotaExceeded       429 quota.exceeded           carries retry_after_s
├─ ClientLeft          499 client.left              it is answered to no one
├─ NotOffered          501 route.not_offered
├─ Unavailable         503 unavailable              carries retry_after_s
│  └─ MediaFolderAway  503 media.folder_away        a volume isn't mounted, or it isn't ours
├─ StorageFull         507 storage.full             a person's own; carries bytes by kind
├─ DiskFull            507 disk.full                carries retry_after_s
└─ ProviderError       502 provider.failed          `retryable`: may the runner try again
   ├─ ProviderOutOfCredit  503 provider.out_of_credit
   ├─ ProviderTimeout  504 provider.timeout
   ├─ ProviderUnsure   504 provider.unsure          asked, but no answer came: perhaps it did it
   │  └─ JobMismatch   504 provider.job_mismatch    the job that a person named isn't this one's
   ├─ ProviderHolds    409 provider.holds           a person must decide first
   └─ ProviderRefused  422 provider.refused         content policy; never retried
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.storable_text import storable


class AppError(Exception):
    """A failure with a stable code, a sentence in each of two voices and fields for programs.

    message: for API clients, with exact field names and the remedy. person: the same for people in
    the browser; the message where a raiser gives no other. code: dotted, never reused for another
    meaning. number: the public API's integer `errorCode`. details: fields for programs, shown as
    `details`. data: further fields shown as `data`. top: fields copied to the top of the body, for
    readers that look nowhere else; they never replace a field of the envelope. A 422 shows details
    and data merged in both places, because clients read one or the other.
    """

    status = 500
    code = "internal"
    number = 1000
    message = "Internal error. Retry; if it persists, report the reference."
    person = "Something went wrong on our side. Try again."

    def __init__(
        self,
        message: str = "",
        *,
        person: str = "",
        code: str = "",
        number: int | None = None,
        details: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        top: Mapping[str, Any] | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        self.person = person or message or type(self).person or type(self).message
        self.message = message or type(self).message
        self.code = code or type(self).code
        self.number = number if number is not None else type(self).number
        self.details = dict(details or {})
        self.data = dict(data or {})
        self.top = dict(top or {})
        self.retry_after_s = retry_after_s
        super().__init__(self.message)


class InvalidBody(AppError):
    """The request cannot be read: not JSON, not an object, or a field of the wrong shape."""

    status = 400
    code = "body.invalid"
    number = 4000
    message = "Invalid request body. Send one JSON object."
    person = "This form couldn't be read. Reload the page and try again."


class Unauthenticated(AppError):
    """Credentials are missing (number 101) or not valid (number 102). Nothing else is a 401."""

    status = 401
    code = "auth.required"
    number = 101
    message = "Authorization header or auth cookie required"
    person = "Sign in to continue."


class InsufficientCredit(AppError):
    status = 402
    code = "credit.insufficient"
    number = 4020
    message = "Not enough credits."
    person = "Not enough credits."


class AllowanceSpent(InsufficientCredit):
    code = "allowance.spent"
    number = 4021
    message = "Nothing is left of what may be used here."
    person = "Nothing is left of what may be used here."


class Forbidden(AppError):
    status = 403
    code = "auth.forbidden"
    number = 4030
    message = "These credentials don't allow this."
    person = "You don't have permission to do this."


class NotFound(AppError):
    """It does not exist, or the viewer may not know that it does: the same answer."""

    status = 404
    code = "not_found"
    number = 4040
    message = "Not found, or not accessible with these credentials."
    person = "Page not found, or you don't have access."


class NotAllowed(AppError):
    status = 405
    code = "method.not_allowed"
    number = 4050
    message = "Method not allowed. See the Allow header."
    person = "That link can't be opened like this."


class RequestTimeout(AppError):
    """The headers or the body of a request came too slowly."""

    status = 408
    code = "request.timeout"
    number = 4080
    message = "The request did not arrive in time. Send it again."


class Conflict(AppError):
    """The request is fine, but not now: a used key, a taken id, a state that forbids it."""

    status = 409
    code = "conflict"
    number = 4090
    message = "Conflicts with existing data."
    person = "Someone changed this in the meantime. Reload and try again."


class TooLarge(AppError):
    status = 413
    code = "body.too_large"
    number = 4130
    message = "Request body over 2 MB. Send media by URL, not inline."
    person = "That's too large."


class UnsupportedMedia(AppError):
    status = 415
    code = "body.unsupported_media"
    number = 4150
    message = "Send JSON with Content-Type: application/json."


class InvalidInput(AppError):
    """Well-formed, but it breaks rules. `details.issues` holds one entry per problem."""

    status = 422
    code = "input.invalid"
    number = 4222
    message = "Invalid input. See `details.issues`."
    person = "Check the highlighted fields."


class QuotaExceeded(AppError):
    status = 429
    code = "quota.exceeded"
    number = 4290
    message = "Too many requests. Retry after the seconds in Retry-After."
    person = "Too many requests. Try again in a moment."


class ClientLeft(AppError):
    """The client closed the connection before the answer was made."""

    status = 499
    code = "client.left"
    number = 4990
    message = "The client closed the request."
    person = "The request was closed."


class NotOffered(AppError):
    """A route of the public contract that this server leaves out on purpose."""

    status = 501
    code = "route.not_offered"
    number = 5010
    message = "This server doesn't offer this."
    person = "Not available on this server."


class Unavailable(AppError):
    status = 503
    code = "unavailable"
    number = 5030
    message = "Starting or overloaded. Retry in a few seconds."
    person = "The server is busy. Try again in a few seconds."


class MediaFolderAway(Unavailable):
    """The media folder is missing, or is not this installation's.

    reason: with its path, for the log and for operators alone.
    """

    code = "media.folder_away"
    number = 5031
    message = (
        "The server's media folder is unavailable, so nothing was saved. Try again once its"
        " operator has mounted it."
    )
    person = message

    def __init__(self, reason: str = "") -> None:
        super().__init__(retry_after_s=30)
        self.reason = reason


class StorageFull(AppError):
    """The person's rows and files take as much as they may. `details` says what fills it."""

    status = 507
    code = "storage.full"
    number = 5071
    message = "Your storage is full. Delete what you no longer need."


class DiskFull(AppError):
    """The server has no room for what was sent. Nothing was saved."""

    status = 507
    code = "disk.full"
    number = 5070
    message = (
        "The server's disk is full, so nothing was saved. Try again once its operator has made"
        " room."
    )


class ProviderError(AppError):
    """Failure of a provider. `retryable` decides whether the runner tries again.

    error_type is one of the public contract's names, such as `GPU_WORKER_FAILED`. provider: the id
    of the one that failed, set by the runner; empty before any was asked, or where we failed.
    ends_job: the service's job failed or is gone, so that trying again submits a new one. Without
    it, a failure that may pass says nothing of a job that is there already: it is looked at again.
    charged_milli: what the service charged for the attempt that ends so, in thousandths of a
    credit; None: it may have charged it, at most its quote.
    """

    status = 502
    code = "provider.failed"
    number = 5020
    message = "The provider failed."
    error_type = "UNKNOWN_ERROR"
    retryable = True
    charged_milli: int | None = 0

    def __init__(
        self,
        message: str = "",
        *,
        error_type: str = "",
        retryable: bool | None = None,
        ends_job: bool = False,
        **fields: Any,
    ) -> None:
        # It may quote what a service said, and is stored, in handlers of other failures, too.
        super().__init__(storable(message), **fields)
        self.error_type = error_type or type(self).error_type
        self.retryable = type(self).retryable if retryable is None else retryable
        self.ends_job = ends_job
        self.provider = ""
        # Whether the service asks to be sent nothing for `retry_after_s`, by anyone.
        self.is_rate_limit = False


class ProviderOutOfCredit(ProviderError):
    """The account at the service has too little left. Nothing was taken, so steps wait."""

    status = 503
    code = "provider.out_of_credit"
    number = 5033
    message = "The account at the provider is out of credit."
    error_type = "COST_LIMIT_EXCEEDED"
    retryable = False


def parameter_invalid(message: str) -> ProviderError:
    """An argument that only the work itself finds wrong. Trying again would not make it right."""
    return ProviderError(message, error_type="PARAMETER_INVALID", retryable=False)


def asset_not_found(message: str, *, retryable: bool = False) -> ProviderError:
    """A file that a step needs and that is not there."""
    return ProviderError(message, error_type="ASSET_NOT_FOUND", retryable=retryable)


class ProviderTimeout(ProviderError):
    status = 504
    code = "provider.timeout"
    number = 5040
    message = "The provider timed out."
    error_type = "PROVIDER_TIMEOUT"


class ProviderUnsure(ProviderError):
    """The service got the whole request, and its answer never came or cannot be read.

    It may have done the work and may charge for it. The runner tries again where the service knows
    a repeated request for what it is; else it asks a person, as after a crash. may_repeat: False
    where this very request was paid elsewhere, such as at a partner of the service, so that a
    person is asked in any case.
    """

    status = 504
    code = "provider.unsure"
    number = 5041
    message = "The provider was called, but no response arrived; it may have been charged."
    error_type = "PROVIDER_TIMEOUT"
    charged_milli = None

    def __init__(self, message: str = "", *, may_repeat: bool = True, **fields: Any) -> None:
        super().__init__(message, **fields)
        self.may_repeat = may_repeat


class JobMismatch(ProviderUnsure):
    """The job that a person named isn't that of the request, or can't be shown to be. job_id: its
    name. They are asked again: nothing is known of the request."""

    code = "provider.job_mismatch"
    number = 5042

    def __init__(self, message: str, *, job_id: str) -> None:
        super().__init__(message, may_repeat=False, ends_job=True)
        self.job_id = job_id


class ProviderHolds(ProviderError):
    """The provider goes on only after a person has decided. No worker runs the step until then.

    waiting_reason: one of the public contract's, such as `safety_review_required`; details: what to
    show. An approval has the step tried again, with the same provider key.
    """

    status = 409
    code = "provider.holds"
    number = 4095
    message = "The provider is waiting for a decision."
    error_type = "PERMISSION_REQUIRED"
    retryable = False

    def __init__(self, message: str = "", *, waiting_reason: str = "other", **fields: Any) -> None:
        super().__init__(message, **fields)
        self.waiting_reason = waiting_reason


class ProviderRefused(ProviderError):
    """The provider will not make this. Trying again does not help."""

    status = 422
    code = "provider.refused"
    number = 4223
    message = "The provider rejected this content."
    error_type = "SAFETY_REJECTED"
    retryable = False
