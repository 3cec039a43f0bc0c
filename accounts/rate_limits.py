"""Limits of how often one person or key may ask. `None` in settings switches a rate off."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.auth import Principal
from accounts.models import User
from core import errors
from core.counters import Counter

MINUTE_S = 60.0
QUARTER_S = 900.0
HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
PEOPLE_CHANGES_PER_MINUTE = 30
PLANS_S, PLANS = 5.0, 10
NEW_RECEIVERS_PER_HOUR = WEBHOOK_TESTS_PER_HOUR = 30
SIGN_ONS_PER_HOUR = 300
FILE_CHECKS_PER_HOUR, FILE_CHECKS_OF_PERSON_PER_HOUR = 20, 120

requests = Counter("requests", MINUTE_S)
starts = Counter("starts", MINUTE_S)
wrong_passwords = Counter("wrong_passwords", QUARTER_S)
wrong_passwords_by_address = Counter("wrong_passwords_by_address", QUARTER_S)
new_keys = Counter("new_keys", HOUR_S)
new_apps = Counter("new_apps", HOUR_S)
new_apps_of_a_day = Counter("new_apps_of_a_day", DAY_S)
app_documents = Counter("app_documents", HOUR_S)
new_people = Counter("new_people", HOUR_S)
invitations = Counter("invitations", HOUR_S)
mail_links = Counter("mail_links", HOUR_S)
sign_ons = Counter("sign_ons", HOUR_S)
resets = Counter("resets", HOUR_S)
people_changes = Counter("people_changes", MINUTE_S)
file_checks = Counter("file_checks", HOUR_S)
plans = Counter("plans", PLANS_S)
receivers = Counter("webhook_receivers", HOUR_S)
webhook_tests = Counter("webhook_tests", HOUR_S)


class KeyThrottle(BaseThrottle):
    """READS_PER_MINUTE requests for each key, or each person without one."""

    def allow_request(self, request: Request, view: Any) -> bool:
        if isinstance(request.auth, Principal):
            check_request_rate(request.auth)
        return True


def check_request_rate(principal: Principal) -> None:
    """Count one request. Raises QuotaExceeded above READS_PER_MINUTE."""
    if settings.READS_PER_MINUTE is not None:
        _count(requests, principal, settings.READS_PER_MINUTE, "requests")


def check_start_rate(principal: Principal) -> None:
    """Count one start. Raises QuotaExceeded above STARTS_PER_MINUTE."""
    if settings.STARTS_PER_MINUTE is not None:
        _count(starts, principal, settings.STARTS_PER_MINUTE, "starts")


def check_plan_rate(principal: Principal) -> None:
    """Count one draft of a plan. Raises QuotaExceeded above two a second, over five seconds."""
    wait_s = plans.wait_s(f"user:{principal.user.pk}", PLANS)
    if wait_s:
        raise errors.QuotaExceeded(
            f"Wait {max(wait_s, 0.5):.1f} s: a person has 2 drafts of a plan a second.",
            code="quota.rate",
            details={"limit": PLANS, "per": f"{PLANS_S:g} seconds", "what": "plans"},
            retry_after_s=wait_s,
        )


def check_password_tries(caller: str, address: str) -> None:
    """Raise QuotaExceeded as `take_password_try` would, and count nothing."""
    _password_try(caller, address, count=False)


def take_password_try(caller: str, address: str) -> None:
    """Count one try before its password is looked at, so that many at once count too.

    caller: whose password is tried and from where; SIGN_IN_TRIES in a quarter of an hour. address:
    of the network; SIGN_IN_TRIES_PER_ADDRESS. A right one is to be forgotten. Raises QuotaExceeded.
    """
    _password_try(caller, address, count=True)


def forget_wrong_passwords(caller: str, address: str) -> None:
    """A right password: this caller begins at none again, and the address has one try less."""
    wrong_passwords.clear(caller)
    wrong_passwords_by_address.take_back(address)


def _password_try(caller: str, address: str, *, count: bool) -> None:
    for counter, who, rate in (
        (wrong_passwords, caller, settings.SIGN_IN_TRIES),
        (wrong_passwords_by_address, address, settings.SIGN_IN_TRIES_PER_ADDRESS),
    ):
        wait_s = counter.wait_s(who, rate, count=count)
        if wait_s:
            raise errors.QuotaExceeded(
                f"Too many failed attempts. Try again in {int(wait_s // 60) + 1} min.",
                code="quota.rate",
                details={"limit": rate, "per": "15 minutes", "what": "sign-in tries"},
                retry_after_s=wait_s,
            )


def check_new_keys(user: User) -> None:
    """Count one new API key. Raises QuotaExceeded above NEW_KEYS_PER_HOUR."""
    _count_hourly(new_keys, f"user:{user.pk}", settings.NEW_KEYS_PER_HOUR, "new keys")


def check_new_apps(address: str) -> None:
    """Count one app that registers. Raises QuotaExceeded above NEW_APPS_PER_HOUR or _PER_DAY.

    address: the network address that asks, for no person is known yet.
    """
    _count_hourly(new_apps, address, settings.NEW_APPS_PER_HOUR, "new apps")
    _count_in(DAY_S, new_apps_of_a_day, address, settings.NEW_APPS_PER_DAY, "new apps")


def check_app_documents(user: User) -> None:
    """Count one fetch of an app's document. Raises QuotaExceeded above NEW_APPS_PER_HOUR."""
    rate = settings.NEW_APPS_PER_HOUR
    _count_hourly(app_documents, f"user:{user.pk}", rate, "documents of apps")


def check_new_people(address: str) -> None:
    """Count one try to become someone new. Raises QuotaExceeded above NEW_PEOPLE_PER_HOUR.

    address: the network address that asks, for no one is signed in yet.
    """
    _count_hourly(new_people, address, settings.NEW_PEOPLE_PER_HOUR, "sign-up attempts")


def check_invitations(user: User) -> None:
    """Count one new invitation. Raises QuotaExceeded above INVITATIONS_PER_HOUR."""
    _count_hourly(invitations, f"user:{user.pk}", settings.INVITATIONS_PER_HOUR, "invitations")


def check_mail_links(user: User, address: str, purpose: str) -> None:
    """Count one mail with a link that a person asked for, or that was asked for in their name.

    purpose: each is counted alone. address: where it goes; many people together send no more to it
    than one alone. Raises QuotaExceeded above MAIL_LINKS_PER_HOUR.
    """
    rate = settings.MAIL_LINKS_PER_HOUR
    _count_hourly(mail_links, f"{purpose}:user:{user.pk}", rate, "mails")
    check_mail_to(address, purpose)


def check_mail_to(address: str, purpose: str) -> None:
    """Count one mail with a link to an address. Raises as `check_mail_links`."""
    to_sha256 = hashlib.sha256(address.lower().encode()).hexdigest()
    rate = settings.MAIL_LINKS_PER_HOUR
    _count_hourly(mail_links, f"{purpose}:to:{to_sha256}", rate, "mails")


def check_resets(address: str) -> None:
    """Count one request for a new password. Raises QuotaExceeded above RESETS_PER_HOUR.

    address: the network address that asks; whom it asks for doesn't count.
    """
    _count_hourly(resets, address, settings.RESETS_PER_HOUR, "requests for a new password")


def check_sign_ons(address: str) -> None:
    """Count one way to the provider of sign-on. Raises QuotaExceeded above SIGN_ONS_PER_HOUR.

    address: the network address that asks, which may be that of a whole school.
    """
    _count_hourly(sign_ons, address, SIGN_ONS_PER_HOUR, "sign-ins")


def check_file_checks(viewer: User | None, address: str) -> None:
    """Count one question about a file; a visitor's by their network address. Raises QuotaExceeded
    above FILE_CHECKS_PER_HOUR, of someone who is signed in above FILE_CHECKS_OF_PERSON_PER_HOUR."""
    if viewer is None:
        _count_hourly(file_checks, address, FILE_CHECKS_PER_HOUR, "file checks")
    else:
        rate = FILE_CHECKS_OF_PERSON_PER_HOUR
        _count_hourly(file_checks, f"user:{viewer.pk}", rate, "file checks")


def check_new_receivers(person_id: int) -> None:
    """Count one URL that is to hear of runs. Raises QuotaExceeded above NEW_RECEIVERS_PER_HOUR."""
    rate = NEW_RECEIVERS_PER_HOUR
    _count_hourly(receivers, f"user:{person_id}", rate, "new webhook URLs")


def check_webhook_tests(person_id: int) -> None:
    """Count one test of an endpoint, or one delivery that is sent again. Raises QuotaExceeded above
    WEBHOOK_TESTS_PER_HOUR."""
    _count_hourly(webhook_tests, f"user:{person_id}", WEBHOOK_TESTS_PER_HOUR, "tests of webhooks")


def check_people_changes(user: User) -> None:
    """Count one block, mute or end of one. Raises QuotaExceeded above PEOPLE_CHANGES_PER_MINUTE."""
    _count_minutely(people_changes, f"user:{user.pk}", PEOPLE_CHANGES_PER_MINUTE, "changes")


def _count_hourly(counter: Counter, caller: str, rate: int, what: str) -> None:
    _count_in(HOUR_S, counter, caller, rate, what)


def _count_in(window_s: float, counter: Counter, caller: str, rate: int, what: str) -> None:
    wait_s = counter.wait_s(caller, rate)
    if wait_s:
        per = "hour" if window_s == HOUR_S else "day"
        minutes = int(wait_s // 60) + 1
        raise errors.QuotaExceeded(
            f"You've reached the limit of {rate:,} {what} per {per}. Try again in {minutes} min.",
            code="quota.rate",
            details={"limit": rate, "per": per, "what": what},
            retry_after_s=wait_s,
        )


def _count(counter: Counter, principal: Principal, rate: int, what: str) -> None:
    who = f"key:{principal.api_key.pk}" if principal.api_key else f"user:{principal.user.pk}"
    _count_minutely(counter, who, rate, what)


def _count_minutely(counter: Counter, who: str, rate: int, what: str) -> None:
    wait_s = counter.wait_s(who, rate)
    if wait_s:
        raise errors.QuotaExceeded(
            f"You've reached the limit of {rate:,} {what} per minute. Try again in {wait_s:.0f} s.",
            code="quota.rate",
            details={"limit": rate, "per": "minute", "what": what},
            retry_after_s=wait_s,
        )
