"""Operators' changes on `/admin/server`. Each is in the audit log, with what held before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts import factor_demand, second_factor
from accounts.models import User
from builder.staff.operator import sign_on_settings
from builder.staff.operator.services import check_operator
from core import clock, errors, installation, server_settings
from core.declared_settings import DECLARED, Setting
from core.models import ServerSetting
from moderation import audit_log

SET, UNSET, TAKE_OVER = "server.set", "server.unset", "server.take_over"


@dataclass(frozen=True, slots=True)
class Wish:
    """An operator's wish for one setting.

    text: as typed; None: what holds without a row. seen: `stamp` of what the form showed.
    """

    text: str | None
    seen: str


@dataclass(frozen=True, slots=True)
class Saved:
    """changed: settings that now hold another value. kept: those that someone else had changed
    since the form was shown, and that this operator left as they were."""

    changed: Sequence[Setting]
    kept: Sequence[Setting]


def stamp(name: str, rows: Mapping[str, Any]) -> str:
    """Return a mark of a setting's value for a form to send back: short, not the value itself."""
    setting = DECLARED[name]
    if name not in rows:
        return "-"
    return server_settings.digest(setting.shown(rows[name]))[:16]


def save(*, actor: User, wishes: Mapping[str, Wish]) -> Saved:
    """Set what differs from what the form showed, all or nothing.

    Raises Forbidden; InvalidInput with an issue for each field that can't be saved; Conflict with
    an issue for each that someone else changed to something else since the form was shown.
    """
    check_operator(actor)
    values, problems = _read_wishes(wishes)
    with transaction.atomic():
        rows = server_settings.locked()
        changes: dict[str, Any] = {}
        stale_settings, conflicts = [], []
        for name, value in values.items():
            is_same = value == rows.get(name, _NO_ROW)
            is_moved = stamp(name, rows) != wishes[name].seen
            if _is_untouched(name, value, wishes[name].seen):
                stale_settings += [DECLARED[name]] if is_moved else []
            elif is_moved and not is_same:
                conflicts.append(_issue(name, _conflict_text(name, rows)))
            elif not is_same:
                changes[name] = value
        _check_second_factor(actor, changes, problems)
        problems += _check_sign_on(actor, rows, changes)
        if problems:
            raise errors.InvalidInput("Some settings can't be saved.", details={"issues": problems})
        if conflicts:
            raise errors.Conflict(
                "Someone else changed the same settings. Nothing was saved: compare, then save"
                " again.",
                code="server.changed",
                details={"issues": conflicts},
            )
        settings = [DECLARED[name] for name in changes]
        for setting in settings:
            _store(actor, setting, rows, changes[setting.name])
    server_settings.known.forget()
    return Saved(settings, stale_settings)


class _NoRow:
    """The value of the environment or the default."""


_NO_ROW = _NoRow()


def take_over(*, actor: User | None) -> bool:
    """Make a restored copy the server. actor: None for the command line. False: it was already."""
    with transaction.atomic():
        has_ended = installation.take_over()
        if has_ended:
            audit_log.enter(
                actor=actor,
                action=TAKE_OVER,
                subject_kind="server",
                subject_id="installation",
                data={},
            )
    return has_ended


def _read_wishes(wishes: Mapping[str, Wish]) -> tuple[dict[str, Any], list[dict[str, str]]]:
    values: dict[str, Any] = {}
    problems = []
    for name, wish in wishes.items():
        try:
            values[name] = _NO_ROW if wish.text is None else DECLARED[name].read(wish.text)
        except ValueError as problem:
            problems.append(_issue(name, str(problem)))
    return values, problems


def _is_untouched(name: str, value: Any, mark: str) -> bool:
    """Return whether the form came back for this setting as it was shown."""
    setting = DECLARED[name]
    if value is _NO_ROW:
        return mark == "-"
    if setting.kind == "secret":
        return not value
    if mark == "-":
        return setting.shown(value) == setting.shown(setting.without_row)
    return server_settings.digest(setting.shown(value))[:16] == mark


def _check_second_factor(
    actor: User, changes: Mapping[str, Any], problems: list[dict[str, str]]
) -> None:
    name = "SECOND_FACTOR"
    if name not in changes:
        return
    value = DECLARED[name].without_row if changes[name] is _NO_ROW else changes[name]
    if value != factor_demand.OFF and not second_factor.is_on(actor):
        message = "Set up your own second factor first, at /me/security. You'd be locked out."
        problems.append(_issue(name, message))


def _check_sign_on(
    actor: User, rows: Mapping[str, Any], changes: dict[str, Any]
) -> list[dict[str, str]]:
    """As `sign_on_settings.check`: a secret in the changes is sealed."""
    before = {name: rows.get(name, DECLARED[name].without_row) for name in sign_on_settings.OWNERS}
    after = {
        name: DECLARED[name].without_row if value is _NO_ROW else value
        for name, value in changes.items()
    }
    issues = sign_on_settings.check(actor, before, after)
    changes.update({name: value for name, value in after.items() if changes[name] is not _NO_ROW})
    return [_issue(name, why) for name, why in issues.items()]


def _store(actor: User, setting: Setting, rows: Mapping[str, Any], value: Any) -> None:
    before = rows.get(setting.name, setting.without_row)
    former = [name for name, (now, _) in server_settings.FORMER.items() if now == setting.name]
    ServerSetting.objects.filter(name__in=former).delete()
    if value is _NO_ROW:
        ServerSetting.objects.filter(name=setting.name).delete()
    else:
        ServerSetting.objects.update_or_create(
            name=setting.name, defaults={"value": value, "changed_at": clock.now()}
        )
    after = setting.without_row if value is _NO_ROW else value
    audit_log.enter(
        actor=actor,
        action=UNSET if value is _NO_ROW else SET,
        subject_kind="server",
        subject_id=setting.name,
        data={
            "before": {setting.title: setting.told(before)},
            "after": {setting.title: setting.told(after)},
        },
    )


def _conflict_text(name: str, rows: Mapping[str, Any]) -> str:
    setting = DECLARED[name]
    now = setting.told(rows.get(name, setting.without_row))
    return f"Someone else changed this to: {now[:200]}{'…' if len(now) > 200 else ''}"


def _issue(name: str, message: str) -> dict[str, str]:
    return {"path": name, "message": message}
