"""Checks of the providers: how they are set, and whether their servers answer."""

from __future__ import annotations

from collections import Counter

from core.checks import START, Checks, fault, ok, register, warning
from core.command_names import install_more
from media import credentials
from tools import registry
from tools.declaration.schema import parameter_schemas
from tools.providers.base import Provider

WHERE = "See docs/howto/add-a-provider.md and docs/reference/settings.md."


@register("provider settings", every_s=60, faces=START)
def provider_settings() -> Checks:
    """Find what settings name wrongly, before any work is. Needs no database, and asks no one."""
    problems, doubts = registry.problems(), registry.doubts()
    for problem in problems:
        yield fault(problem, WHERE)
    for doubt in doubts:
        yield warning(doubt, WHERE)
    if not problems and not doubts:
        yield ok("as providers take them")


@register("providers", every_s=60)
def providers() -> Checks:
    """Look for tools that no one does."""
    table = registry.table()
    # One that can't be used is among the doubts of the settings, with the reason.
    no_one = [tool.name for tool in table if not table.is_provided(tool.name) and not tool.unusable]
    if no_one:
        says = f"{_who_does_what()}; not available: {', '.join(sorted(no_one))}"
        yield warning(says, "Configure a provider for them. See docs/reference/settings.md.")
    else:
        yield ok(f"{_who_does_what()}; every tool is available")


def _who_does_what() -> str:
    """List every provider, with how many of its tools it does when no model is named."""
    counts = Counter(registry.provider_name(tool.name) for tool in registry.table())
    return ", ".join(
        f"{one.name} ({counts[one.name]} of its {len(one.tools())} tools)"
        for one in registry.providers()
        if one.tools()
    )


@register("services", every_s=600)
def services() -> Checks:
    """Ask each server of a provider how it is, and list own tools; nothing of the studio."""
    for provider in registry.providers():
        for visit in provider.visits():
            if visit.is_away:
                meanwhile = "its steps fail" if provider.tools() else "drafts are made without it"
                remedy = f"Start it or fix its URL. Until then {meanwhile}."
                yield warning(visit.says, remedy, name=provider.name)
                continue
            yield ok(visit.says, name=provider.name)
            remedy = "Fix it there, or change its settings or graphs."
            for problem in visit.problems:
                yield warning(problem, remedy, name=provider.name)
        yield from _own_tools(provider)


def _own_tools(provider: Provider) -> Checks:
    """List what a call of each tool that only this provider knows takes, by the API's names."""
    for tool in provider.own_tools():
        if not tool.unusable:
            media = [port.url or port.arguments[0] for port in tool.ports()]
            takes = ", ".join([*media, *parameter_schemas(tool)])
            says = f"the tool {tool.name} takes {takes or 'no arguments'}"
            yield ok(says, name=provider.name)


@register("credentials", every_s=3600)
def credentials_of_copies() -> Checks:
    """Find whether what is generated here can be signed, and with what."""
    services = [one.name for one in registry.providers() if one.tools() and not one.is_local]
    if not credentials.is_installed():
        if services:
            says = f"copies of what {', '.join(services)} made say so, unsigned"
            yield warning(says, install_more("marks"))
        else:
            yield ok("not needed: no service generates here")
        return
    # Here alone, see `media.credentials`.
    from media import credential_keys

    try:
        signer = credential_keys.current()
    except (OSError, ValueError) as problem:
        remedy = "Correct the file. See docs/reference/settings.md."
        yield fault(f"copies aren't signed: {problem}", remedy)
        return
    if signer is None:
        yield ok("a worker makes the key at its next look")
        return
    says = f"copies are signed by {signer.issuer} until {signer.end:%Y-%m-%d}"
    if signer.ends_within(credential_keys.RENEWAL_DAYS):
        remedy = "Use a newer one in REELGRAPH_C2PA_CHAIN. Workers renew the server's own."
        yield warning(says, remedy)
    else:
        yield ok(says)
