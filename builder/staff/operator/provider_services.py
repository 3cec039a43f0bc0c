"""Staff's changes to providers: pause and resume one or an API key, set its numbers, set services
up, and say who may use them. All in the audit log, never a key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from accounts import selectors
from accounts.models import ApiKey, User
from builder.staff.operator import service_form
from builder.staff.operator.services import check_operator
from compose.model import local_models
from compose.model.local_models import LocalModels
from compose.model.service import KIND
from core import errors
from moderation import audit_log
from moderation.models import NOTE_LENGTH
from runs.engine import cooldowns, limit_settings
from runs.models import QueueLimit
from tools import services
from tools.models import Service
from tools.providers.base import Visit
from tools.providers.form import urls_of
from tools.services import Draft

ADD, CHANGE, TURN, DELETE = "service.add", "service.change", "service.turn", "service.delete"
TRY, LOOK = "service.try", "service.look"
ACCESS = "provider.access"
PAUSE, RESUME, LIMIT = "queue.pause", "queue.resume", "queue.limit"
# How a number that is not set reads in the log.
_UNSET = "not set"


def add(*, actor: User, draft: Draft) -> None:
    """Raises Forbidden, InvalidInput, Conflict."""
    check_operator(actor)
    with transaction.atomic():
        row = services.add(draft)
        secret_names = service_form.secrets_of(row.kind)
        after = {"kind": row.kind, **_options_of(row)}
        after |= {name: "set" if draft.secrets.get(name) else "none" for name in secret_names}
        _enter(actor, ADD, row.name, {}, after)


def change(*, actor: User, draft: Draft) -> bool:
    """False: nothing was different. Raises Forbidden, NotFound, InvalidInput."""
    check_operator(actor)
    with transaction.atomic():
        row = services.locked(draft.name)
        had, before = services.fields_with_secrets(row), _options_of(row)
        after = _options_of(services.change(draft))
        for name in before:
            after.setdefault(name, "none")
        for name in service_form.secrets_of(row.kind):
            if draft.secrets.get(name):
                before[name], after[name] = "set" if name in had else "none", "changed"
            elif name in draft.drops and name in had:
                before[name], after[name] = "set", "removed"
        if before == after:
            return False
        _enter(actor, CHANGE, draft.name, before, after)
        # What waits for a limit of its options is counted again.
        cooldowns.end(draft.name)
    return True


def turn(*, actor: User, name: str, on: bool) -> bool:
    """False: it was so already. Raises Forbidden, NotFound."""
    check_operator(actor)
    with transaction.atomic():
        if not services.turn(name, on=on):
            return False
        _enter(actor, TURN, name, {"is_on": not on}, {"is_on": on})
    return True


def delete(*, actor: User, name: str) -> None:
    """Raises Forbidden, NotFound."""
    check_operator(actor)
    with transaction.atomic():
        before = _options_of(services.locked(name))
        services.delete(name)
        _enter(actor, DELETE, name, before, dict.fromkeys(before, "none"))


def try_out(*, actor: User, draft: Draft) -> tuple[Visit, ...]:
    """Ask a service how it is. It's in the log before it's asked: a try tells what listens where.
    Raises Forbidden, InvalidInput."""
    check_operator(actor)
    provider = services.provider_to_try(draft)
    audit_log.enter(
        actor=actor,
        action=TRY,
        subject_kind="provider",
        subject_id=provider.name,
        data={"note": ", ".join(urls_of(draft.options))[:NOTE_LENGTH]},
    )
    return services.visit(provider)


def look_for_models(*, actor: User) -> list[LocalModels]:
    """Ask the ports of this machine where language models may be. It's in the log before that, as a
    try is. Raises Forbidden."""
    check_operator(actor)
    audit_log.enter(
        actor=actor,
        action=LOOK,
        subject_kind="provider",
        subject_id=KIND,
        data={"note": ", ".join(program.address for program in local_models.PROGRAMS)},
    )
    return local_models.look()


def take_model(*, actor: User, program: str, model: str) -> str:
    """Have a model on this machine make the drafts, in place of others that are set up on the page.
    The title of its service. Raises Forbidden, NotFound, InvalidInput, Conflict.
    """
    check_operator(actor)
    one = local_models.program_named(program)
    if one is None:
        raise errors.NotFound(f"No program is called {program[:80]}.")
    if model not in local_models.look_at(one).models:
        raise errors.InvalidInput(
            f"{one.title} at {one.address} has no such model now. Look again."
        )
    with transaction.atomic():
        row, name = _row_for_model(one.name)
        where = {"base_url": one.base_url, "model": model}
        if row is None:
            add(actor=actor, draft=Draft(name, KIND, {"title": one.title, **where}))
        else:
            change(actor=actor, draft=Draft(name, KIND, {**row.options, **where}))
            turn(actor=actor, name=name, on=True)
        for other in Service.objects.filter(kind=KIND, is_on=True).exclude(name=name):
            turn(actor=actor, name=other.name, on=False)
    return one.title


def _row_for_model(program: str) -> tuple[Service | None, str]:
    """The service that a program's model has, or the name of a new one."""
    row = Service.objects.filter(name=program).first()
    if row is None or row.kind == KIND:
        return row, program
    # Someone called another service by its name.
    name = f"{program}-{KIND}"
    return Service.objects.filter(name=name, kind=KIND).first(), name


def set_access(*, actor: User, provider: str, only_chosen: bool) -> bool:
    """Have a provider be for chosen people only, or for everyone. False: it was so already.
    Raises Forbidden, NotFound."""
    check_operator(actor)
    with transaction.atomic():
        if not services.open_to_chosen(provider, only_chosen=only_chosen):
            return False
        before, after = {"only_chosen": not only_chosen}, {"only_chosen": only_chosen}
        _enter(actor, ACCESS, provider, before, after)
    return True


def choose(*, actor: User, provider: str, username: str) -> str:
    """Have a provider work for someone. Returns their name; "" where it did.

    Raises Forbidden, NotFound, InvalidInput.
    """
    check_operator(actor)
    person = _person(username)
    with transaction.atomic():
        if not services.choose(provider, person):
            return ""
        _enter(actor, ACCESS, provider, {"person": "none"}, {"person": person.username})
    return person.username


def drop(*, actor: User, provider: str, username: str) -> str:
    """Have it work for them no more. Returns and raises as `choose`."""
    check_operator(actor)
    person = _person(username)
    with transaction.atomic():
        if not services.drop(provider, person):
            return ""
        _enter(actor, ACCESS, provider, {"person": person.username}, {"person": "none"})
    return person.username


def _person(username: str) -> User:
    name = username.strip().removeprefix("@")
    if not name:
        raise errors.InvalidInput("Username: enter one.")
    person = selectors.person_named(name)
    if person is None:
        raise errors.InvalidInput(f"Username: no one here is called {name[:150]}.")
    return person


def _enter(
    actor: User, action: str, name: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    audit_log.enter(
        actor=actor,
        action=action,
        subject_kind="provider",
        subject_id=name,
        data={"before": dict(before), "after": dict(after)},
    )


def _options_of(row: Service) -> dict[str, Any]:
    """A service's options as the log has them. They hold no secrets: `services` refuses such."""
    return {
        name: ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in row.options.items()
    }


def pause(*, actor: User | None, name: str, reason: str) -> None:
    """Have no step of a provider or key begin until it is resumed.

    actor: None for the command line. Raises Forbidden, NotFound, InvalidInput.
    """
    _act_on_limit(
        actor,
        name,
        PAUSE,
        lambda: limit_settings.pause(name, reason, actor),
        lambda row: {"pause": row.reason if row.paused_at else "no"},
    )


def resume(*, actor: User | None, name: str) -> bool:
    """End a pause and cooldowns. False: there were none. Raises Forbidden, NotFound."""
    return _act_on_limit(
        actor,
        name,
        RESUME,
        lambda: limit_settings.resume(name),
        lambda row: {"pause": row.reason if row.paused_at else limit_settings.why_waits(name)},
    )


def set_numbers(*, actor: User | None, name: str, numbers: Mapping[str, float | None]) -> bool:
    """Set some of `at_once`, `per_minute`, `person_share`; None: no number of its own.

    False: they were set already. Raises Forbidden, NotFound, InvalidInput.
    """
    return _act_on_limit(
        actor,
        name,
        LIMIT,
        lambda: limit_settings.set_numbers(name, numbers),
        lambda row: {
            field: _UNSET if (value := getattr(row, field)) is None else value for field in numbers
        },
    )


def _act_on_limit(
    actor: User | None,
    name: str,
    action: str,
    act: Callable[[], object],
    facts_of: Callable[[QueueLimit], dict[str, Any]],
) -> bool:
    """Do it and log it, both or neither. What changed nothing is not logged."""
    if actor is not None:
        check_operator(actor)
    limit_settings.check(name)
    with transaction.atomic():
        before = facts_of(_limit(name))
        act()
        after = facts_of(_limit(name))
        if before == after:
            return False
        kind, _, subject = name.partition(":")
        audit_log.enter(
            actor=actor,
            action=action,
            subject_kind=kind,
            subject_id=subject,
            data={"before": before, "after": after},
        )
    return True


def _limit(name: str) -> QueueLimit:
    # Locked: what it was before must be what this changes.
    rows = QueueLimit.objects.select_for_update(of=("self",))
    return rows.filter(name=name).first() or QueueLimit(name=name)


def full_name(text: str) -> str:
    """`provider:openai` for `openai`; a key by its id or by the first part of it that pages show.
    Raises NotFound."""
    if ":" not in text:
        return f"provider:{text}"
    kind, _, subject = text.partition(":")
    if kind == "key" and not subject.isdigit():
        lookup = subject.removeprefix("rg_").partition("_")[0]
        key = ApiKey.objects.filter(lookup=lookup).only("id").first()
        if key is None:
            raise errors.NotFound(f"No API key begins with {subject}.")
        return f"key:{key.pk}"
    return text
