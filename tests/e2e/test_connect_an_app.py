"""An app is connected in a real browser, by the official client of MCP too, and disconnected."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthToken,
)
from playwright.sync_api import Page, expect
from pydantic import AnyUrl

from tests.support.clients.app_listener import AppListener, AppRequest, redeemed, registered
from tests.support.clients.browser import Visit
from tests.support.server import SHARED, Site, start
from tests.support.waiting import promised

SITE_OPTIONS = SHARED
PERSON = "connie"

pytestmark = pytest.mark.browser

FIRST_ICON = ("favicon.ico",)


@pytest.fixture
def listener() -> Iterator[AppListener]:
    with AppListener() as listener:
        yield listener


@pytest.fixture
def app(site: Site, listener: AppListener) -> AppRequest:
    return registered(site, listener)


def disconnect(page: Page, name: str) -> None:
    page.goto("/me/keys")
    row = page.get_by_role("table", name="Connected apps").get_by_role("row").filter(has_text=name)
    row.get_by_role("button", name=f"Disconnect {name}").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text(f"Disconnected {name}.")).to_be_visible()


def test_an_app_is_connected_used_and_disconnected(
    visit: Callable[..., Visit],
    site: Site,
    rest: httpx.Client,
    app: AppRequest,
    listener: AppListener,
) -> None:
    with visit(expected=FIRST_ICON) as page:
        page.goto(app.address())
        expect(page.get_by_role("heading", level=1)).to_have_text("Connect Claude Desktop?")
        expect(page.get_by_role("main")).to_contain_text(PERSON)
        expect(page.get_by_role("main")).to_contain_text("this computer")
        expect(page.get_by_role("radio", name="Also start")).to_be_checked()
        page.get_by_label("Daily limit (credits)").fill("20")
        page.get_by_label("Expires").select_option("In 90 days")
        page.get_by_role("button", name="Connect").click()
        expect(page).to_have_title("Connected")
        answer = listener.parameters()
        assert (answer["state"], answer["iss"]) == ("s-1", site.url)
        tokens = redeemed(site, app, answer["code"])
        with site.client(tokens["access_token"]) as client:
            assert client.get("/v1/account/me").json()["data"]["username"] == PERSON
            run = start(
                client, {"input": {"steps": [{"toolName": "sleep", "arguments": {"seconds": 300}}]}}
            )
            path = f"/v1/creative-agent/workflows/{run['id']}/events/stream"
            with client.stream("GET", path) as stream:
                assert stream.status_code == 200
                disconnect(page, "Claude Desktop")
                with promised(5, of=site.webs()):
                    for _ in stream.iter_lines():
                        pass
            assert client.get("/v1/account/me").status_code == 401
        expect(page.get_by_text("No connected apps")).to_be_visible()
    rest.post(f"/v1/creative-agent/workflows/{run['id']}/cancel")


class Kept:
    """What an app keeps between its starts."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class Agent:
    """The official client, in a thread. `asks` holds the pages that it opens for its person."""

    def __init__(self, site: Site, listener: AppListener) -> None:
        self.site, self.listener, self.kept = site, listener, Kept()
        self.asks: queue.Queue[str] = queue.Queue()

    def tools(self) -> threading.Thread:
        """Starts listing tools; they are in `found`, or `problem` says why not."""
        self.found: list[str] = []
        self.problem: BaseException | None = None
        thread = threading.Thread(target=self._work, daemon=True)
        thread.start()
        return thread

    def _work(self) -> None:
        try:
            self.found = asyncio.run(self._list())
        except BaseException as problem:
            self.problem = problem

    async def _list(self) -> list[str]:
        async def show(url: str) -> None:
            self.asks.put(url)

        async def wait() -> AuthorizationCodeResult:
            answer = await asyncio.to_thread(self.listener.parameters)
            return AuthorizationCodeResult(**answer)

        provider = OAuthClientProvider(
            f"{self.site.url}/mcp",
            OAuthClientMetadata(
                client_name="Official client", redirect_uris=[AnyUrl(self.listener.redirect_uri)]
            ),
            self.kept,
            show,
            wait,
        )
        async with httpx2.AsyncClient(auth=provider, timeout=60) as http:
            transport = streamable_http_client(f"{self.site.url}/mcp", http_client=http)
            async with Client(transport) as client:
                return [tool.name for tool in (await client.list_tools()).tools]


def test_the_official_client_connects_refreshes_and_is_disconnected(
    visit: Callable[..., Visit], site: Site, listener: AppListener
) -> None:
    agent = Agent(site, listener)
    with visit(expected=FIRST_ICON) as page:
        work = agent.tools()
        page.goto(agent.asks.get(timeout=60))
        expect(page.get_by_role("heading", level=1)).to_have_text("Connect Official client?")
        page.get_by_role("button", name="Connect").click()
        expect(page).to_have_title("Connected")
        work.join(60)
        assert agent.problem is None
        assert "search_templates" in agent.found
        # It goes on with what it kept, without asking again, also when its access token is gone.
        first = agent.kept.tokens
        assert first is not None
        agent.tools().join(60)
        assert "search_templates" in agent.found
        assert agent.asks.empty()
        disconnect(page, "Official client")
        assert agent.kept.tokens is not None
        bearer = {"authorization": f"Bearer {agent.kept.tokens.access_token}"}
        answer = httpx.post(f"{site.url}/mcp", json={}, headers=bearer)
        assert answer.status_code == 401
        assert "/.well-known/oauth-protected-resource/mcp" in answer.headers["www-authenticate"]
        # Told 401, it asks its person again.
        work = agent.tools()
        page.goto(agent.asks.get(timeout=60))
        page.get_by_role("button", name="Connect").click()
        work.join(60)
        assert agent.problem is None
        assert "search_templates" in agent.found
