"""The second factor: six digits of an authenticator app (TOTP), or a recovery code.

Django-otp keeps the devices, refuses a code that was used before, and makes wrong ones wait longer
each time. Of recovery codes only a hash is stored.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django_otp import DEVICE_ID_SESSION_KEY, verify_token
from django_otp import login as mark_verified
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import rate_limits, security
from accounts.factor_demand import is_on, is_shown_elsewhere
from accounts.models import User
from core import errors

RECOVERY_CODES = 10
# Between the password and the code.
PENDING_S = 600
_PENDING = "second_factor"
_NAME = "Authenticator"


def begin(*, user: User) -> TOTPDevice:
    """A secret for an app, which counts once `confirm` has seen a code of it.

    Raises Conflict where one is on: that is switched off first.
    """
    if is_on(user):
        raise errors.Conflict(
            "The second factor is already on. Turn it off before you set up another app.",
            code="second_factor.on",
        )
    with transaction.atomic():
        User.objects.select_for_update().only("pk").get(pk=user.pk)
        TOTPDevice.objects.filter(user=user, confirmed=False).delete()
        return TOTPDevice.objects.create(user=user, name=_NAME, confirmed=False)


def begun(user: User) -> TOTPDevice | None:
    """The secret that waits for its first code, or None."""
    return TOTPDevice.objects.filter(user=user, confirmed=False).order_by("-pk").first()


def confirm(*, user: User, code: str) -> list[str] | None:
    """Switch the second factor on with a code of the app. Returns the recovery codes, which are
    not shown again; None when the code does not fit. Raises QuotaExceeded as `check`."""
    device = begun(user)
    if device is None or _verify(user, device, code) is None:
        return None
    with transaction.atomic():
        TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
        codes = _new_codes(user)
        security.record(security.SECOND_FACTOR_ON, user=user)
    return codes


def check(*, user: User, code: str) -> Device | None:
    """The device that takes this code, which then is used up; None for a wrong one.

    Raises QuotaExceeded while django-otp makes wrong ones wait, and after SIGN_IN_TRIES.
    """
    is_recovery = not code.replace(" ", "").isdigit()
    if is_recovery:
        device: Device | None = StaticDevice.objects.filter(user=user, confirmed=True).first()
    else:
        device = TOTPDevice.objects.filter(user=user, confirmed=True).first()
    verified_device = _verify(user, device, _hash(code) if is_recovery else code)
    if verified_device is None:
        security.record(security.SECOND_FACTOR_FAILED, user=user)
    elif is_recovery:
        security.record(security.RECOVERY_CODE_USED, user=user, left=codes_left(user))
    return verified_device


def new_codes(*, user: User) -> list[str]:
    """Recovery codes in place of those there are."""
    with transaction.atomic():
        codes = _new_codes(user)
        security.record(security.RECOVERY_CODES_MADE, user=user)
    return codes


def codes_left(user: User) -> int:
    return StaticToken.objects.filter(device__user=user).count()


def switch_off(*, user: User) -> None:
    """The person has shown a code."""
    with transaction.atomic():
        if _delete(user):
            security.record(security.SECOND_FACTOR_OFF, user=user)


def reset(*, user: User) -> bool:
    """Remove it for an operator, when app and recovery codes are lost. False when none was on."""
    with transaction.atomic():
        had_one = _delete(user)
        if had_one:
            security.record(security.SECOND_FACTOR_RESET, user=user)
    return had_one


def ask_later(request: HttpRequest, user: User, *, by: str) -> None:
    """Remember, in the anonymous session, who is about to give their code."""
    request.session[_PENDING] = {
        "user": user.pk,
        "by": by,
        "at": int(time.time()),
        # A new password or ended sessions end this as well.
        "seal": user.get_session_auth_hash(),
    }


def pending(request: HttpRequest) -> tuple[User, str] | None:
    """Return who is about to give their code in this browser and how they came; None after
    PENDING_S."""
    state: Any = request.session.get(_PENDING)
    if not isinstance(state, dict) or time.time() - state.get("at", 0) > PENDING_S:
        return None
    user = User.objects.filter(pk=int(state.get("user", 0)), is_active=True).first()
    if user is None:
        return None
    if not secrets.compare_digest(str(state.get("seal")), user.get_session_auth_hash()):
        return None
    return user, str(state.get("by", ""))


def passed(request: HttpRequest, device: Device) -> None:
    """Mark the session of the person who just signed in as one that has shown a code."""
    request.session.pop(_PENDING, None)
    mark_verified(request, device)


def pass_newest(request: HttpRequest) -> None:
    """The session in which the second factor was switched on has shown a code of it."""
    device = TOTPDevice.objects.filter(user=request.user, confirmed=True).first()
    if device is not None:
        passed(request, device)


def has_passed(request: HttpRequest) -> bool:
    """Return whether this session has shown a code of a device that its person still has, or the
    provider of sign-on has asked for one."""
    if isinstance(request.user, User) and is_shown_elsewhere(request.session):
        return True
    device_id = request.session.get(DEVICE_ID_SESSION_KEY)
    if not device_id or not isinstance(request.user, User):
        return False
    device = Device.from_persistent_id(device_id)
    return device is not None and device.user_id == request.user.pk and device.confirmed


def _verify(user: User, device: Device | None, code: str) -> Device | None:
    if device is None:
        return None
    caller = f"code:{user.pk}"
    rate_limits.take_password_try(caller, caller)
    is_allowed, why = device.verify_is_allowed()
    if not is_allowed:
        until = (why or {}).get("locked_until")
        wait_s = max(1.0, until.timestamp() - time.time()) if until else 1.0
        raise errors.QuotaExceeded(
            f"Too many failed attempts. Try again in {int(wait_s) + 1} s.",
            code="quota.rate",
            details={"what": "codes"},
            retry_after_s=wait_s,
        )
    verified_device = verify_token(user, device.persistent_id, code.strip().replace(" ", ""))
    if verified_device is not None:
        rate_limits.forget_wrong_passwords(caller, caller)
    return verified_device


def _new_codes(user: User) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="Recovery codes", confirmed=True)
    codes = [_random_code() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(
        [StaticToken(device=device, token=_hash(code)) for code in codes]
    )
    return codes


def _random_code() -> str:
    text = base64.b32encode(secrets.token_bytes(10)).decode().lower()[:10]
    return f"{text[:5]}-{text[5:]}"


def _hash(code: str) -> str:
    """Return what is stored of a recovery code: as much of its hash as django-otp's column
    holds."""
    plain = "".join(filter(str.isalnum, code.lower()))
    digest = hashlib.sha256(f"reelgraph.recovery:{plain}".encode()).digest()
    return base64.b32encode(digest).decode().lower()[:16]


def _delete(user: User) -> bool:
    totp, _ = TOTPDevice.objects.filter(user=user).delete()
    static, _ = StaticDevice.objects.filter(user=user).delete()
    return bool(totp or static)
