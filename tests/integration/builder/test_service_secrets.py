"""The secrets of a service on the page: each kind says which it has and where they go; all are
sealed, and no page shows one again."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from moderation.models import AuditEntry
from runs.web.hooks import path_of
from tests.support.clients import services_page
from tests.support.clients.asgi_requests import request_app
from tests.support.clients.services_page import KEY, PAGE, add, edit
from tests.support.fakes.packages import install
from tests.support.fakes.webhooks import SECRET, signed
from tests.support.markup import flat
from tools import configured_services, registry
from tools.models import Service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_set_up")]
nothing_set_up = services_page.nothing_set_up
staff = services_page.staff
FILMS = {"base_url": "http://127.0.0.1:9/v1", "videos": "sora-2"}
ELSEWHERE = {"base_url": "http://127.0.0.1:10/v1", "videos": "sora-2"}
# A webhook that tells of no job.
BODY = json.dumps({"type": "other"}).encode()
# What the release before sealed for the service cellar with this secret key: a key, and one that
# is JSON.
OLD_SECRET_KEY = "the secret key of an older release, 0123456789"
OLD_KEY = "sk-of-an-older-release-7777"
OLD_ROWS = {
    OLD_KEY: b"gAAAAABrBuL-kpUaZMV7ivzikdXFvf1wVeNJ4a0wgsyLGKJUrudve1hK7UiKNryocstMHAox96EfPbeKAtA"
    b"47clcPd0t4zxzNrYYVPpolHjQp-Yy9dXcAUc=",
    f'{{"type": "account", "id": "{OLD_KEY}"}}': b"gAAAAABrBuL-aC-94EGHhXMjbbdbqSZU5hGr6UeTgIH3Fds"
    b"qDM5gcFhiHRwnwu2XtTAkZoziGXOGqcuPMCl1XSIOWL41M7CFHY6w8_LZ65cnP9P0u1C16d-E2rXsMoTIB6rOCSRibaOW"
    b"rSxMyDuKJHzQ3CXmblyWYA==",
}
LANTERN = """
from tools.providers.base import Misconfigured, Provider
from tools.providers.form import Field

TITLE = "Lantern"
FIELDS = (
    Field("host", "Host", is_needed=True),
    Field("mood", "Mood"),
    Field("access", "Access key", is_secret=True),
    Field("signing", "Signing key", is_secret=True),
)


def destination(options):
    return options.get("host")


def configured(name, options):
    for secret in ("access", "signing"):
        if not hasattr(options.get(secret), "get_secret_value"):
            raise Misconfigured(f"it has no {secret}")
    return Lantern(name, options)


class Lantern(Provider):
    version = "1"
    submit = "blind"

    def __init__(self, name, options):
        self.name = name
        self.options = options

    def tools(self):
        return frozenset({"generate_image"})

    def run(self, job, context):
        raise NotImplementedError
"""
ENTRY_POINTS = '[project.entry-points."reelgraph.providers"]\nlantern = "lantern"\n'


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installed package whose kind has two secrets."""
    monkeypatch.syspath_prepend(str(tmp_path))
    install(tmp_path, "reelgraph-lantern", ENTRY_POINTS, lantern=LANTERN)
    yield tmp_path
    sys.modules.pop("lantern", None)


def hook(name: str, secret: str = SECRET) -> int:
    headers = signed(BODY, secret=secret, webhook_id=f"wh_{secret[-6:]}")
    return request_app("POST", path_of(name), headers, BODY).status


def form(staff: Client, name: str = "cellar") -> str:
    return flat(staff.get(f"{PAGE}/{name}/service").content.decode())


def options_of(name: str) -> dict[str, Any]:
    """What a process that looks now gives the kind."""
    configured_services.forget()
    configured_services.refresh()
    return configured_services.table_of(Service.objects.get(name=name))


@pytest.mark.slow
def test_a_webhook_secret_is_set_kept_and_removed_on_the_page(staff: Client) -> None:
    assert add(staff, **FILMS, webhook_secret=SECRET) == ""
    assert hook("cellar") == 204
    assert edit(staff, **FILMS, title="The cellar") == ""
    assert hook("cellar") == 204
    assert 'name="drops_webhook_secret"' in form(staff)
    other = "whsec_" + "QUJD" * 8
    assert edit(staff, **FILMS, webhook_secret=other) == ""
    assert (hook("cellar"), hook("cellar", other)) == (404, 204)
    assert edit(staff, **FILMS, drops_webhook_secret="1") == ""
    assert hook("cellar", other) == 404
    assert Service.objects.get().key_encrypted is None


def test_a_webhook_secret_that_cannot_be_one_is_refused_without_being_shown(staff: Client) -> None:
    problem = add(staff, **FILMS, webhook_secret="not-a-secret-of-webhooks")
    assert problem.startswith("Webhook secret: copy it whole")
    answer = staff.post(f"{PAGE}/add", {"name": "x", "kind": "openai", "webhook_secret": "not-a-s"})
    assert "not-a-s" not in problem + answer.content.decode()


def test_all_secrets_are_typed_again_for_another_server(staff: Client) -> None:
    add(staff, **FILMS, key=KEY, webhook_secret=SECRET)
    both = "Key, Webhook secret: type them again."
    assert edit(staff, **ELSEWHERE).startswith(both)
    tried = staff.post(f"{PAGE}/try", {"known": "cellar", **ELSEWHERE}).content.decode()
    assert both in tried
    assert edit(staff, **ELSEWHERE, key=KEY).startswith("Webhook secret: type it again.")
    assert edit(staff, **ELSEWHERE, key=KEY, drops_webhook_secret="1") == ""
    options = options_of("cellar")
    assert (options["key"].get_secret_value(), "webhook_secret" in options) == (KEY, False)


def test_no_secret_is_shown_again(staff: Client, caplog: pytest.LogCaptureFixture) -> None:
    add(staff, **FILMS, key=KEY, webhook_secret=SECRET)
    refused = {"known": "cellar", "key": KEY, "webhook_secret": SECRET}
    shown = [
        staff.post(f"{PAGE}/cellar/service", {**refused, **FILMS, "more": f'x = "{KEY}'}).content,
        staff.post(f"{PAGE}/try", {**refused, **FILMS}).content,
        *(
            staff.get(page).content
            for page in (
                *(f"{PAGE}{page}" for page in ("", "/add", "/cellar/service", "/cellar/people")),
                *("/admin/", "/v1/models?all=true"),
            )
        ),
    ]
    dump, said = StringIO(), StringIO()
    call_command("dumpdata", stdout=dump)
    call_command("providers", stdout=said)
    texts = [text.decode() for text in shown] + [dump.getvalue(), said.getvalue(), caplog.text]
    texts += [repr(row.data) for row in AuditEntry.objects.all()]
    texts += [repr(registry.configuration().set_up)]
    texts += [repr(one.__dict__) for one in registry.known_providers() if one.name == "cellar"]
    assert not [text for text in texts if KEY in text or SECRET in text]
    assert f"It ends in {KEY[-4:]}." in form(staff)
    sealed = bytes(Service.objects.get().key_encrypted or b"")
    assert sealed
    assert KEY.encode() not in sealed
    assert [
        row.data["after"]["webhook_secret"]
        for row in AuditEntry.objects.filter(action="service.add")
    ] == ["set"]


@pytest.mark.parametrize("name", ["webhook_secret", "account_key", "headers", "key_file"])
def test_no_secret_is_one_of_the_settings(staff: Client, name: str) -> None:
    answer = staff.post(
        f"{PAGE}/add",
        {"name": "cellar", "kind": "openai", **FILMS, "more": f'{name} = "{KEY}"'},
    )
    page = answer.content.decode()
    assert f"More settings: {name} can hold a secret" in page
    assert KEY not in page
    assert not Service.objects.exists()


@pytest.mark.parametrize("key", OLD_ROWS)
def test_a_key_that_the_release_before_sealed_is_read(
    staff: Client, settings: Any, key: str
) -> None:
    settings.SECRET_KEY_FALLBACKS = [OLD_SECRET_KEY]
    options = {"base_url": FILMS["base_url"], "videos": ["sora-2"]}
    row = Service(name="cellar", kind="openai", options=options, key_encrypted=OLD_ROWS[key])
    row.save(force_insert=True)
    assert options_of("cellar")["key"].get_secret_value() == key
    assert edit(staff, **ELSEWHERE).startswith("Key: type it again.")
    assert edit(staff, **FILMS, webhook_secret=SECRET) == ""
    assert options_of("cellar")["key"].get_secret_value() == key
    assert hook("cellar") == 204


@pytest.mark.usefixtures("package")
def test_an_installed_kind_says_its_fields_its_secrets_and_where_they_go(staff: Client) -> None:
    page = flat(staff.get(f"{PAGE}/add?kind=lantern").content.decode())
    assert ">Lantern</a>" in page
    for name in ("host", "mood", "access", "signing"):
        assert f'name="{name}"' in page
    assert 'name="key"' not in page
    typed = {"host": "a.example", "mood": "calm"}
    secrets = {"access": "ak-0123456789", "signing": "sk-0123456789"}
    assert add(staff, "glow", "lantern", **typed, **secrets) == ""
    assert edit(staff, "glow", host="a.example", mood="wild") == ""
    options = options_of("glow")
    assert {name: options[name].get_secret_value() for name in secrets} == secrets
    assert "mood" not in secrets
    assert options["mood"] == "wild"
    problem = edit(staff, "glow", host="b.example", mood="wild")
    assert problem.startswith("Access key, Signing key: type them again.")
    assert not [text for text in secrets.values() if text in form(staff, "glow")]
    hidden = staff.post(
        f"{PAGE}/add",
        {"name": "more", "kind": "lantern", **typed, "more": 'signing = "sk-0123456789"'},
    ).content.decode()
    assert "More settings: signing can hold a secret." in hidden
    assert "sk-0123456789" not in hidden


def test_a_package_that_says_no_form_asks_for_its_key_with_each_change(
    staff: Client, package: Path
) -> None:
    source = LANTERN.split("TITLE")[0] + LANTERN[LANTERN.index("class Lantern") :]
    source += "\n\ndef configured(name, options):\n    return Lantern(name, options)\n"
    (package / "lantern.py").write_text(source)
    url = "http://127.0.0.1:9"
    assert add(staff, "glow", "lantern", url=url, key=KEY) == ""
    assert edit(staff, "glow", url=url) == ""
    assert edit(staff, "glow", url=url, more="speed = 2").startswith("Key: type it again.")
