"""What an https public address changes, through the product behind a proxy on the same machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie

import httpx
import pytest

from tests.support.server import Site

URL = "https://studio.example.org"
PROXY = {"Host": "studio.example.org", "X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("home")
    public = {"REELGRAPH_PUBLIC_URL": URL}
    with Site(home, workers=0, settings="builder.settings", env=public) as running:
        yield running


def cookies_of(answer: httpx.Response) -> SimpleCookie:
    jar: SimpleCookie = SimpleCookie()
    for line in answer.headers.get_list("set-cookie"):
        jar.load(line)
    return jar


def test_cookies_are_for_this_host_alone_and_signing_in_works_with_them(site: Site) -> None:
    link = site.manage("signin-link", "alice", "--new").strip().splitlines()[-1]
    assert link.startswith(URL)
    held: dict[str, str] = {}
    with site.client() as client:

        def ask(method: str, path: str, **data: str) -> httpx.Response:
            cookie = "; ".join(f"{name}={value}" for name, value in held.items())
            headers = {**PROXY, "Cookie": cookie, "Origin": URL}
            answer = client.request(method, path, headers=headers, data=data or None)
            for name, one in cookies_of(answer).items():
                assert name.startswith("__Host-"), name
                assert (one["secure"], one["path"], one["domain"]) == (True, "/", "")
                assert (one["httponly"], one["samesite"]) == (True, "Lax")
                held[name] = one.value
            return answer

        page = ask("GET", link.removeprefix(URL))
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token, page.text
        answer = ask("POST", link.removeprefix(URL), csrfmiddlewaretoken=token[1])
        assert answer.status_code == 302, answer.text
        assert {"__Host-sessionid", "__Host-csrftoken", "__Host-signed_in"} <= held.keys()
        # The proxy's word for where they are is believed.
        assert "192.0.2.7" in ask("GET", "/me/security").text
        # Signed in: the session's cookie is the one that counts.
        assert ask("GET", "/v1/account/me").status_code == 200
        del held["__Host-sessionid"]
        assert ask("GET", "/v1/account/me").status_code == 401


def test_browsers_are_told_to_come_by_https_only(site: Site) -> None:
    with site.client() as client:
        answer = client.get("/sign-in", headers=PROXY)
        assert answer.headers["strict-transport-security"] == "max-age=15552000"
        # Said only where the request came by https.
        plain = client.get("/sign-in", headers={**PROXY, "X-Forwarded-Proto": "http"})
        assert "strict-transport-security" not in plain.headers
