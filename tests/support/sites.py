"""Fixtures of tests of the whole product, for the conftest.py of a folder to import.

A module sets up its server with `SITE_OPTIONS`, the options of `tests.support.server.Site`, or with
`SITE_OPTIONS = SHARED`: its tests then work beside other modules' templates, runs and people. With
`SITE_OPTIONS = SHARED_SERVICES` they do so in a server that sends mail and has paid services.
`PERSON` is whose key `rest` has, the owner where a module doesn't say. A fixture of the same name
in a module takes the place of the one here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.fakes.openai_server import KEY, OpenAIServer
from tests.support.fakes.smtp_server import SENDER, SmtpServer
from tests.support.fakes.webhooks import SECRET
from tests.support.server import SHARED, SHARED_SERVICES, Site

SHARED_SITES = {SHARED: "shared_site", SHARED_SERVICES: "services_site"}


@pytest.fixture(scope="package")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One after another, modules live in it: to start a server takes longer than most tests."""
    with Site(tmp_path_factory.mktemp("shared-site")) as site:
        yield site


@pytest.fixture(scope="package")
def openai() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture(scope="package")
def hooking() -> Iterator[OpenAIServer]:
    """Another service, which sends webhooks."""
    with OpenAIServer() as server:
        server.jobs_may_end.clear()
        yield server


@pytest.fixture(scope="package")
def smtp() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture(scope="package")
def services_site(
    openai: OpenAIServer,
    hooking: OpenAIServer,
    smtp: SmtpServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """Pictures and clips are made by a service when its models are named, and speech always. Two
    web processes. The workers look at a job of the other service once a minute, unless they hear
    of it."""
    home = tmp_path_factory.mktemp("services-site")
    file = tmp_path_factory.mktemp("services") / "providers.toml"
    file.write_text(
        f'[openai]\nkind = "openai"\nbase_url = "{openai.url}"\nkey = "{KEY}"\npoll_s = 0.2\n'
        'images = ["gpt-image-1"]\nspeech = ["tts-1"]\nvideos = ["sora-2"]\n'
        '[openai.prices."gpt-image-1"]\neach = 2.5\n'
        f'[hooking]\nkind = "openai"\nbase_url = "{hooking.url}"\nkey = "{KEY}"\npoll_s = 60\n'
        f'videos = ["sora-2-pro"]\nwebhook_secret = "{SECRET}"\n'
    )
    choice = "generate_speech=openai, generate_video:sora-2=openai"
    env = {
        "REELGRAPH_PROVIDERS_FILE": str(file),
        "REELGRAPH_PROVIDERS": f"{choice}, generate_video:sora-2-pro=hooking",
        "REELGRAPH_MAIL": smtp.address,
        "REELGRAPH_MAIL_FROM": SENDER,
    }
    with Site(home, web=2, env=env) as site:
        yield site


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The whole product in an empty folder, for the tests of one module, or the shared one."""
    options: dict[str, Any] | str = getattr(request.module, "SITE_OPTIONS", {})
    if isinstance(options, str):
        yield request.getfixturevalue(SHARED_SITES[options])
        return
    with Site(tmp_path_factory.mktemp("site"), **options) as site:
        yield site


def person_of(request: pytest.FixtureRequest) -> str:
    """Who is signed in. A person of a module's own has only what its tests made."""
    return getattr(request.module, "PERSON", "owner")


@pytest.fixture(scope="module")
def rest(request: pytest.FixtureRequest, site: Site) -> Iterator[httpx.Client]:
    """The person's programs, with a key."""
    with site.client(site.key(person_of(request))) as client:
        yield client
