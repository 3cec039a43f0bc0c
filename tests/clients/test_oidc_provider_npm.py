"""A whole sign-in by a provider that others wrote: `oidc-provider`, as npm has it, in a browser.

It is no dependency of ours: without the npm registry the test is skipped, and in CI it fails (see
`tests.support.required`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.support.clients.browser import Visit, chromium
from tests.support.node import node, npm_packages
from tests.support.program import Program
from tests.support.server import Site, free_port

SITE_OPTIONS = {"workers": 0, "env": {"REELGRAPH_SIGN_ON_ALLOW": "127.0.0.1"}}
PACKAGE = "oidc-provider@9.13.3"
# What the provider's own pages ask for.
FONTS = ("https://fonts.googleapis.com",)
SECRET = "of-the-provider"
SCRIPT = """
import { Provider } from 'oidc-provider'
const { PORT, SITE, SECRET } = process.env
const claims = { openid: ['sub'], email: ['email', 'email_verified'] }
claims.profile = ['name', 'preferred_username', 'groups']
const provider = new Provider(`http://127.0.0.1:${PORT}`, {
  claims,
  clients: [{
    client_id: 'studio',
    client_secret: SECRET,
    redirect_uris: [`${SITE}/oidc/back`],
    post_logout_redirect_uris: [`${SITE}/`],
  }],
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: `${id}@film.example`,
      email_verified: true,
      name: 'Ada Lovelace',
      preferred_username: id,
      groups: ['film', 'admins'],
    }),
  }),
})
provider.listen(Number(PORT), '127.0.0.1', () => console.log('The provider is ready.'))
"""


@pytest.fixture
def issuer(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The provider, which signs in anyone under any name."""
    folder = npm_packages(tmp_path_factory.mktemp("npm"), PACKAGE)
    (folder / "provider.mjs").write_text(SCRIPT)
    port = free_port()
    env = {"PORT": str(port), "SITE": site.url, "SECRET": SECRET}
    with Program([node(), "provider.mjs"], env, cwd=folder) as provider:
        provider.line_with("The provider is ready.")
        yield f"http://127.0.0.1:{port}"


def sign_in_there(page: Page, name: str) -> None:
    page.get_by_placeholder("Enter any login").fill(name)
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def test_an_owner_sets_it_up_and_someone_comes_in_and_goes(site: Site, issuer: str) -> None:
    with chromium() as browser:
        with Visit(browser, site.url, expected=FONTS) as owner:
            owner.goto(site.signin_link())
            owner.get_by_role("button").first.click()
            owner.goto("/admin/server")
            form = owner.get_by_role("region", name="Sign-on")
            form.get_by_label("Issuer").fill(issuer)
            form.get_by_label("Client ID").fill("studio")
            form.get_by_label("Client secret").fill(SECRET)
            form.get_by_label("Name", exact=True).fill("Film school")
            form.get_by_label("Who may join").select_option("claim")
            form.get_by_label("Claim", exact=True).fill("groups=film")
            form.get_by_label("Claim of operators").fill("groups=admins")
            form.get_by_label("Sign in with a password").select_option("owners")
            owner.get_by_role("button", name="Save").first.click()
            form.get_by_role("link", name="Try it").click()
            sign_in_there(owner, "olga")
            owner.get_by_role("heading", name="Sign-on works").wait_for()
            assert "olga@film.example" in owner.content()
            assert "It may join." in owner.content()
        with Visit(browser, site.url, expected=FONTS) as page:
            page.goto("/me/keys")
            assert page.get_by_label("Password").is_hidden()
            page.get_by_role("link", name="Continue with Film school").click()
            sign_in_there(page, "ada")
            page.wait_for_url(re.compile("/oidc/join$"))
            assert page.get_by_label("Username").input_value() == "ada"
            assert page.get_by_label("Display name").input_value() == "Ada Lovelace"
            page.get_by_role("button", name="Join").click()
            # Where they wanted to go, and an operator by their claim.
            page.wait_for_url(re.compile("/me/keys$"))
            answer = page.goto("/admin/people")
            assert answer is not None
            assert answer.status == 200
            page.goto("/me")
            page.get_by_role("button", name="account").click()
            page.get_by_role("button", name="Sign out").click()
            page.get_by_role("button", name="Yes, sign me out").click()
            page.wait_for_url(f"{site.url}/")
            page.goto("/sign-in")
            page.get_by_role("link", name="Continue with Film school").click()
            page.get_by_placeholder("Enter any login").wait_for()
