"""Services for final media on the operator's page: models with switches, costs, a test image."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.credit import day_began
from accounts.models import User
from core import clock, errors
from runs.models import Cooldown, Run
from tests.support.builders.running import pass_time, start, work_off_with_looks
from tests.support.clients import services_page
from tests.support.clients.services_page import KEY, PAGE, add, edit
from tests.support.fakes.makers.jobs import Account, Script
from tests.support.fakes.makers.router_server import RouterServer
from tests.support.markup import flat
from tools import registry
from tools.models import Service
from tools.provider_trials import proofs
from tools.providers.makers.provider import Maker

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_set_up")]
nothing_set_up = services_page.nothing_set_up
staff = services_page.staff


# Beside our own tables: cheaper than any of them, and off.
ROWS = """
schema = 1
read = 2026-01-02

[[model]]
name = "tiny-image"
title = "Tiny Image"
by = "Tiny"
tools = ["generate_image"]
[[model.at]]
service = "comfy-router"
id = "bfl/flux-2-pro"
off = true
usual_s = 4
body.prompt = "prompt"
result = { path = "result.sample", kind = "image" }
price = { usd = 0.001 }
"""


@pytest.fixture(autouse=True)
def tables(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "models.d").mkdir()
    (tmp_path / "models.d" / "own.toml").write_text(ROWS)
    settings.HOME = tmp_path


@pytest.fixture
def router() -> Iterator[RouterServer]:
    with RouterServer() as server:
        server.accounts[KEY] = Account("operator")
        server.script = Script(looks=1)
        yield server


def page(client: Client, path: str) -> str:
    return flat(client.get(f"{PAGE}{path}").content.decode())


def is_on(text: str) -> dict[str, bool]:
    """Return each model's switch."""
    tags = re.findall(r'<input class="check"[^>]*name="models"[^>]*>', text)
    return {re.findall(r'value="([^"]+)"', tag)[0]: "checked" in tag for tag in tags}


def sent(server: RouterServer, *models: str, key: str = KEY) -> dict[str, Any]:
    """Return what the form sends with these switches on."""
    more = f'base_url = "{server.url}"\nhosts = {{ assets = "{server.assets_url}" }}\npoll_s = 0.05'
    return {"key": key, "more": more, "switches": "1", "models": models}


def status_of(run: Run) -> str:
    work_off_with_looks(run)
    run.refresh_from_db()
    return run.status


def test_models_are_switched_and_the_option_stays_a_list(
    staff: Client, router: RouterServer
) -> None:
    form = page(staff, "/add?kind=comfy-router")
    usual = [name for name, on in is_on(form).items() if on]
    assert "one balance" in form
    assert "up to 17 credits" in form
    assert "tiny-image" not in usual
    assert add(staff, "router", "comfy-router", **sent(router)).startswith("Models: turn on")
    assert add(staff, "router", "comfy-router", **sent(router, *usual)) == ""
    assert "models" not in Service.objects.get().options
    assert "tiny-image" not in registry.providers()[0].models("generate_image")
    assert edit(staff, "router", **sent(router, "tiny-image", key="")) == ""
    assert Service.objects.get().options["models"] == ["tiny-image"]
    shown = is_on(page(staff, "/router/service"))
    assert next(iter(shown)) == "tiny-image"
    assert [name for name in shown if shown[name]] == ["tiny-image"]
    assert "no-such isn" in edit(staff, "router", **sent(router, "no-such", key=""))


def test_a_try_says_what_it_asked_for_nothing(staff: Client, router: RouterServer) -> None:
    form = {"kind": "comfy-router", **sent(router, "tiny-image")}
    tried = flat(staff.post(f"{PAGE}/try", form).content.decode())
    assert "models in its catalog" in tried
    assert KEY not in tried
    refused = flat(staff.post(f"{PAGE}/try", {**form, "key": "wrong"}).content.decode())
    assert "key" in refused
    assert "with " not in refused.split('id="tried"')[1].split("</p>")[0]
    assert router.submissions() == []


def test_a_test_image_is_made_and_what_it_cost_is_shown(
    staff: Client, mo: User, alice: User, router: RouterServer
) -> None:
    add(staff, "router", "comfy-router", **sent(router, "nano-banana-pro", "tiny-image"))
    before = page(staff, "/router/service")
    options = re.findall(r'<option value="([^"]+)">\s*([^<]*[^<\s])\s*<', before)
    assert options[0] == ("tiny-image", "Tiny Image: 0.1 credits")
    assert "Repeated requests are recognized for 24 h" in before
    assert "recognized for 24 h, not yet proven with a real key" in before
    assert "Prices: not yet proven with a real key" in before
    assert "1 price last compared on 2 Jan 2026" in before
    answer = staff.post(f"{PAGE}/router/test-image", {"model": "nano-banana-pro"})
    run = Run.objects.get()
    assert answer["Location"].endswith(f"/router/service?test={run.public_id}#test-image")
    state = f"/router/test-image/{run.public_id}"
    assert "At work on it" in page(staff, state)
    work_off_with_looks(run)
    shown = page(staff, f"/router/service?test={run.public_id}")
    assert "Booked: 17 credits" in shown
    assert '<img src="/media/art_' in shown
    assert "Quoted in 30 days: 17 credits" in page(staff, "")
    assert len(router.submissions()) == 1
    refusal = staff.post(f"{PAGE}/router/test-image", {"model": "none"}, follow=True)
    assert "choose a model of the list" in flat(refusal.content.decode())
    visitor = Client()
    visitor.force_login(alice)
    assert visitor.get(f"{PAGE}{state}").status_code == 404
    assert visitor.post(f"{PAGE}/router/test-image", {"model": "tiny-image"}).status_code == 404
    assert len(router.submissions()) == 1


def test_a_page_says_what_was_proven_and_when(staff: Client, router: RouterServer) -> None:
    add(staff, "router", "comfy-router", **sent(router, "nano-banana-pro", "tiny-image"))
    maker = registry.provider_named("router")
    assert isinstance(maker, Maker)
    by_name = {one.row.name: one for one in maker.models_offered}

    def proof(fact: str, model: str = "", url: str = "") -> proofs.Proof:
        offered = by_name.get(model)
        return proofs.Proof(
            service="router",
            url=url or maker.urls[""],
            fact=fact,
            model=model,
            id=offered.place.id if offered else "",
            value=proofs.value_of(maker, fact, offered),
            on=date(2026, 3, 4),
        )

    elsewhere = proof(proofs.SUBMIT, url="https://elsewhere.test")
    proofs.record(maker, [elsewhere], lambda one: False)
    assert "for 24 h, not yet proven with a real key" in page(staff, "/router/service")
    known = [proof(proofs.SUBMIT), proof(proofs.PRICE, "nano-banana-pro")]
    path = proofs.record(maker, known, lambda one: False)
    shown = page(staff, "/router/service")
    assert "for 24 h, proven with a real key on 4 Mar 2026, but for the 24 h" in shown
    assert "Prices: 1 of 2 proven with a real key, the last on 4 Mar 2026" in shown
    assert shown.count("Proven with a real key on 4 Mar 2026") == 1
    # A row of another price isn't what was proven, nor is a broken file.
    proofs.record(maker, [known[1].model_copy(update={"value": "{}"})], lambda one: False)
    assert "Prices: not yet proven with a real key" in page(staff, "/router/service")
    path.write_text("{")
    assert "for 24 h, not yet proven with a real key" in page(staff, "/router/service")
    with pytest.raises(errors.InvalidInput, match="nothing was recorded"):
        proofs.record(maker, known, lambda one: False)


def test_a_limit_of_dollars_a_day_is_for_everyone_and_for_one_person(
    staff: Client, mo: User, alice: User, router: RouterServer
) -> None:
    form = sent(router, "tiny-image")
    limits = {"usd_per_day": "0.0025", "usd_per_day_person": "0.0015"}
    assert add(staff, "router", "comfy-router", **form, **limits) == ""
    image = {"toolName": "generate_image", "arguments": {"prompt": "a", "model": "tiny-image"}}
    with pytest.raises(errors.InsufficientCredit, match="You may use, at Comfy Router"):
        start(alice, [image, image])
    # Started before either was booked: the second waits once it's claimed.
    first, second = start(alice, [image]), start(alice, [image])
    assert [status_of(first), status_of(second)] == ["completed", "running"]
    cooldown = Cooldown.objects.get()
    assert "You may use, at Comfy Router" in cooldown.reason
    # The first was at work then, and could have cost less.
    assert cooldown.until <= clock.now() + timedelta(minutes=10)
    pass_time(0.2)
    assert status_of(second) == "running"
    assert Cooldown.objects.get().until == day_began() + timedelta(days=1)
    work_off_with_looks(start(mo, [image]))
    with pytest.raises(errors.InsufficientCredit, match="Comfy Router may use"):
        start(mo, [image])
    assert len(router.submissions()) == 2
    edit(staff, "router", **{**form, "key": ""}, usd_per_day="1", usd_per_day_person="1")
    assert status_of(second) == "completed"
    assert second.steps.get().failures == 0
