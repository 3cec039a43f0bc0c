"""Services that operators set up on a page, and who may use a provider: what is written of them.

Callers check who may do it, and keep the audit log. What is written holds in this process when its
transaction has ended, and in all others within `set_up.LOOK_S` and the time to read it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from pydantic import SecretStr

from accounts.models import User
from core import clock, encrypted_fields, errors
from media import addresses
from tools import configured_services, registry
from tools.declaration.service_names import NAME_RULE, can_be_called
from tools.models import ProviderAccess, ProviderPerson, Service
from tools.providers import destinations, service_types
from tools.providers.base import Misconfigured, Provider, Visit
from tools.providers.form import NoModels, urls_of
from tools.providers.http_failures import no_answer_message

HINT = 4
# Of a shorter key, its last characters would say too much.
LONG_ENOUGH_FOR_A_HINT = 12
LONGEST_KEY = 4000
LONGEST_OPTIONS = 20_000
# What may hold a secret has a field of its own, or is for the file.
SECRET_OPTIONS = frozenset({"key", "key_file", "webhook_secret", "account_key", "headers"})

_trying = ThreadPoolExecutor(2, thread_name_prefix="try")


@dataclass(frozen=True, slots=True)
class Draft:
    """A service as it was typed. options: without its secrets. secrets: those that were typed, by
    their fields; it keeps the others that it has. drops: the fields of those it keeps no more."""

    name: str
    kind: str
    options: Mapping[str, Any]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    drops: frozenset[str] = frozenset()


def add(draft: Draft) -> Service:
    """Set up another service. Raises InvalidInput, Conflict where the name is taken."""
    if not can_be_called(draft.name):
        raise errors.InvalidInput(f"Name: {NAME_RULE}")
    if draft.name in settings.PROVIDERS or registry.provider_named(draft.name) is not None:
        raise errors.Conflict(f"Name: there is a provider {draft.name} already. Choose another.")
    row = Service(name=draft.name, kind=draft.kind)
    secrets = _checked_secrets(draft, row)
    _provider(draft, row, secrets)
    try:
        with transaction.atomic():
            return _write(row, draft, secrets, is_new=True)
    except IntegrityError:
        raise errors.Conflict(
            f"Name: there is a service {draft.name} already. Choose another."
        ) from None


def change(draft: Draft) -> Service:
    """Write what was typed for a service that is there. Its name and kind stay.

    A secret that isn't typed is kept, as long as it goes where it went before: the person
    who may change the address must not learn the key by it. Raises NotFound, InvalidInput.
    """
    with transaction.atomic():
        row = locked(draft.name)
        secrets = _checked_secrets(draft, row)
        _provider(draft, row, secrets)
        return _write(row, draft, secrets)


def turn(name: str, *, on: bool) -> bool:
    """Have a service take work, or no new work. False: so it did already. Raises NotFound."""
    with transaction.atomic():
        row = locked(name)
        if row.is_on == on:
            return False
        row.is_on = on
        _touch(row, "is_on")
    return True


def delete(name: str) -> None:
    """Forget a service, its key and who may use it. Jobs at it can't be watched any more: their
    steps fail. Raises NotFound."""
    with transaction.atomic():
        row = locked(name)
        ProviderPerson.objects.filter(provider=name).delete()
        ProviderAccess.objects.filter(provider=name).delete()
        row.delete()
        transaction.on_commit(configured_services.try_to_refresh)


def locked(name: str) -> Service:
    """The row of a service, for a change. Raises NotFound."""
    row = Service.objects.select_for_update().filter(name=name).first()
    if row is None:
        raise errors.NotFound(f"No service is called {name}.")
    return row


def provider_to_try(draft: Draft) -> Provider:
    """The provider of what was typed, which isn't saved. Raises InvalidInput for what can't be
    asked."""
    row = Service.objects.filter(name=draft.name).first() or Service(kind=draft.kind)
    secrets = _checked_secrets(draft, row)
    try:
        return _typed_provider(draft, row, secrets)
    except NoModels as problem:
        # It is asked which there are.
        return problem.provider


def visit(provider: Provider) -> tuple[Visit, ...]:
    """Ask a service how it is. Waits for `try_s` seconds at most: a web process has few threads."""
    future = _trying.submit(provider.try_out)
    try:
        return future.result(provider.try_s)
    except TimeoutError:
        future.cancel()
        return (
            Visit(no_answer_message(provider.title or provider.name).rstrip("."), is_away=True),
        )


# -- who may use it -----------------------------------------------------------------------------


def open_to_chosen(provider: str, *, only_chosen: bool) -> bool:
    """Have a provider work for chosen people only, or for everyone. False: so it was already.

    Who is chosen stays on the list either way. Raises NotFound.
    """
    _check_provider(provider)
    with transaction.atomic():
        row, _ = ProviderAccess.objects.select_for_update().get_or_create(provider=provider)
        if row.only_chosen == only_chosen:
            return False
        row.only_chosen = only_chosen
        row.save(update_fields=["only_chosen"])
        transaction.on_commit(configured_services.try_to_refresh)
    return True


def choose(provider: str, person: User) -> bool:
    """Have it work for this person. False: it did already. Raises NotFound."""
    _check_provider(provider)
    with transaction.atomic():
        _, is_new = ProviderPerson.objects.get_or_create(provider=provider, person=person)
        transaction.on_commit(configured_services.try_to_refresh)
    return is_new


def drop(provider: str, person: User) -> bool:
    """Have it work for this person no more: their further steps go elsewhere, or fail. False: they
    were not chosen. Raises NotFound."""
    _check_provider(provider)
    with transaction.atomic():
        count, _ = ProviderPerson.objects.filter(provider=provider, person=person).delete()
        transaction.on_commit(configured_services.try_to_refresh)
    return bool(count)


def can_be_chosen_for(provider: Provider) -> bool:
    """Return whether it may be for some people only. What keeps runs going is for everyone."""
    return not provider.is_for_everyone


def _check_provider(name: str) -> None:
    provider = registry.provider_named(name)
    if provider is None or not can_be_chosen_for(provider):
        raise errors.NotFound(f"No provider is called {name}.")


# -- the secrets and the rest -------------------------------------------------------------------


def fields_with_secrets(row: Service) -> frozenset[str]:
    """The fields whose secrets a service keeps; of secrets that can't be opened, any of them."""
    try:
        return frozenset(configured_services.secrets_of(row))
    except encrypted_fields.CannotOpen:
        return frozenset(field.name for field in service_types.form_of(row.kind).secrets)


def _write(
    row: Service, draft: Draft, secrets: Mapping[str, str], *, is_new: bool = False
) -> Service:
    row.options = dict(draft.options)
    row.key_encrypted = configured_services.seal(row.name, secrets)
    key = secrets.get("key", "")
    row.key_hint = key[-HINT:] if len(key) >= LONG_ENOUGH_FOR_A_HINT else ""
    if is_new:
        row.save(force_insert=True)
        transaction.on_commit(configured_services.try_to_refresh)
    else:
        _touch(row, "options", "key_encrypted", "key_hint")
    return row


def _touch(row: Service, *fields: str) -> None:
    row.changed_at = clock.now()
    row.save(update_fields=[*fields, "changed_at"])
    transaction.on_commit(configured_services.try_to_refresh)


def _provider(draft: Draft, row: Service, secrets: Mapping[str, str]) -> Provider:
    """The provider of what was typed. row: what is there already. Raises InvalidInput."""
    try:
        return _typed_provider(draft, row, secrets)
    except NoModels:
        raise errors.InvalidInput(
            "Models: list at least one. Try it shows which there are."
        ) from None


def _typed_provider(draft: Draft, row: Service, secrets: Mapping[str, str]) -> Provider:
    """As `_provider`. Raises NoModels, too."""
    table = {**draft.options, "kind": row.kind}
    table |= {name: SecretStr(text) for name, text in secrets.items()}
    try:
        return service_types.provider_of(row.kind, draft.name or "new", table)
    except NoModels:
        raise
    except Misconfigured as problem:
        raise errors.InvalidInput(_sentence(str(problem))) from None


def _checked_secrets(draft: Draft, row: Service) -> dict[str, str]:
    """All secrets that a service has from now on: those that were typed, and those it keeps.
    Raises InvalidInput, also for options that can't be used."""
    form = service_types.form_of(row.kind)
    labels = {field.name: field.label for field in form.secrets}
    _check_options(draft.options, frozenset(labels))
    new_secrets = {name: text for name, text in draft.secrets.items() if text}
    try:
        before = configured_services.secrets_of(row)
    except encrypted_fields.CannotOpen:
        if not (new_secrets or draft.drops):
            raise errors.InvalidInput(f"Key: {configured_services.CANNOT_OPEN}") from None
        before = {}
    # What the kind has no field for any more is forgotten.
    remaining = [
        name
        for name in labels
        if name in before and not (name in new_secrets or name in draft.drops)
    ]
    if remaining and form.destination(draft.options) != form.destination(row.options):
        titles = ", ".join(labels[name] for name in remaining)
        raise errors.InvalidInput(
            f"{titles}: type {'it' if len(remaining) == 1 else 'them'} again. Secrets are kept only"
            " as long as the service stays at the same server."
        )
    return {name: before[name] for name in remaining} | new_secrets


def secret_rule(option: str, secrets: Collection[str]) -> str:
    """Return why an option can't be among the settings, which anyone who may see the page can read.
    secrets: the fields that are sealed."""
    if option in secrets:
        return "it can hold a secret. Type it into its own field."
    return "it can hold a secret, so it's only for the providers file."


def _check_options(options: Mapping[str, Any], secrets: frozenset[str]) -> None:
    if secret_names := sorted((SECRET_OPTIONS | secrets) & options.keys()):
        raise errors.InvalidInput(f"{secret_names[0]}: {secret_rule(secret_names[0], secrets)}")
    if len(json.dumps(options, default=str)) > LONGEST_OPTIONS:
        raise errors.InvalidInput(f"Settings: at most {LONGEST_OPTIONS:,} characters.")
    for url in urls_of(options):
        try:
            parts = urlsplit(url)
            address = addresses.literal(parts.hostname or "")
            if address is not None:
                destinations.check(parts.hostname or "", parts.port or 0, [address])
        except ValueError:
            raise errors.InvalidInput("URL: write it like https://host/v1.") from None
        except errors.ProviderError as problem:
            raise errors.InvalidInput(f"URL: {problem.message}") from None
    for name in ("graphs", "ca_file"):
        path = options.get(name)
        if isinstance(path, str) and (path.startswith(("/", "~")) or ".." in path.split("/")):
            raise errors.InvalidInput(f"{name}: name one in the server's data folder.")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
