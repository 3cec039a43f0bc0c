"""A provider of OpenID Connect that answers rightly, or as a hostile one would.

Written from OpenID Connect Core 1.0 and Discovery 1.0, RFC 7636 (PKCE), RFC 7517 (keys) and
RFC 9207 (`iss`); its tokens are made by joserfc.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from tests.support.fakes.http_server import ApiServer, Asked, Reply

ALGORITHMS = {RSAKey: "RS256", ECKey: "ES256", OKPKey: "EdDSA"}
CLIENT_ID, CLIENT_SECRET = "reelgraph", "a-secret-of-both"


class OidcProvider(ApiServer):
    """`with OidcProvider() as provider:` signs in `provider.account`, whoever comes.

    account: the claims of who is signed in there. token: claims of the ID token that differ; None
    leaves one out. header: of its head. userinfo: what its own server says instead. with_iss: the
    answer names the issuer; a text: another one. description: what differs in its own.
    """

    ROUTES: ClassVar[Any] = (
        ("GET", "/.well-known/openid-configuration", "describe"),
        ("GET", "/keys", "keys_of"),
        ("GET", "/authorize", "authorize"),
        ("POST", "/token", "tokens"),
        ("GET", "/userinfo", "person"),
    )

    def __init__(self, **options: Any) -> None:
        self.account: dict[str, Any] = {
            "sub": "ada-1",
            "email": "ada@studio.example",
            "email_verified": True,
            "name": "Ada",
            "preferred_username": "ada",
        }
        self.token: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.userinfo: dict[str, Any] | None = None
        self.with_iss: bool | str = True
        self.description: dict[str, Any] = {}
        self.keys = [RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})]
        # A key; the secret of an HMAC, in bytes; None: nothing signs.
        self.signer: Any = "first"
        self._codes: dict[str, dict[str, str]] = {}
        super().__init__(**options)

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Return what an owner saves to use this provider, by the names of the form."""
        usual = {
            "SIGN_ON_ISSUER": self.origin,
            "SIGN_ON_CLIENT_ID": CLIENT_ID,
            "SIGN_ON_SECRET": CLIENT_SECRET,
            "SIGN_ON_NAME": "Studio login",
            "SIGN_ON_JOIN": "everyone",
        }
        return usual | changes

    def visit(self, address: str) -> str:
        """Sign in at an address of this provider as a browser does. Return where it leads back."""
        asked = dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
        assert urlsplit(address).path == "/authorize", address
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        with self.lock:
            self._codes[code] = asked
        answer = {"code": code, "state": asked["state"]}
        if self.with_iss:
            answer["iss"] = self.with_iss if isinstance(self.with_iss, str) else self.origin
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def describe(self, _: Asked) -> Reply:
        usual = {
            "issuer": self.origin,
            "authorization_endpoint": f"{self.origin}/authorize",
            "token_endpoint": f"{self.origin}/token",
            "userinfo_endpoint": f"{self.origin}/userinfo",
            "end_session_endpoint": f"{self.origin}/end",
            "jwks_uri": f"{self.origin}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "authorization_response_iss_parameter_supported": True,
        }
        return Reply(200, usual | self.description)

    def keys_of(self, _: Asked) -> Reply:
        return Reply(200, KeySet(self.keys).as_dict(private=False))

    def authorize(self, asked: Asked) -> Reply:
        """Lead back at once, for a real browser."""
        address = f"{self.origin}/authorize?{urlencode(dict(asked.query))}"
        return Reply(302, b"", {"Location": self.visit(address)})

    def tokens(self, asked: Asked) -> Reply:
        form = asked.body
        proof = asked.headers.get("authorization", "").removeprefix("Basic ")
        if base64.b64decode(proof).decode() != f"{CLIENT_ID}:{CLIENT_SECRET}":
            return Reply(401, {"error": "invalid_client"})
        with self.lock:
            # A code works once.
            request = self._codes.pop(form["code"], None)
        if request is None or request["redirect_uri"] != form["redirect_uri"]:
            return Reply(400, {"error": "invalid_grant"})
        challenge = hashlib.sha256(form["code_verifier"].encode()).digest()
        if _base64(challenge) != request["code_challenge"]:
            return Reply(400, {"error": "invalid_grant"})
        access = secrets.token_urlsafe(16)
        answer = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": 60,
            "id_token": self.id_token(request["nonce"]),
        }
        return Reply(200, answer)

    def person(self, asked: Asked) -> Reply:
        assert asked.headers["authorization"].startswith("Bearer ")
        return Reply(200, self.account if self.userinfo is None else self.userinfo)

    def id_token(self, nonce: str) -> str:
        """Return a signed ID token of the account, as the switches say."""
        now = int(time.time())
        usual = {"iss": self.origin, "aud": CLIENT_ID, "iat": now, "exp": now + 300}
        claims = usual | {"nonce": nonce, "sub": self.account["sub"]} | self.token
        claims = {name: value for name, value in claims.items() if value is not None}
        key = self.keys[0] if self.signer == "first" else self.signer
        header = {"alg": ALGORITHMS.get(type(key)), "kid": self.keys[0].kid, **self.header}
        if key is None or isinstance(key, bytes):
            return _by_hand({**header, "alg": "HS256" if key else "none"}, claims, key or b"")
        return jwt.encode(header, claims, key, algorithms=[header["alg"]])


def _by_hand(header: Mapping[str, Any], claims: Mapping[str, Any], secret: bytes) -> str:
    """Return a token that libraries refuse to make: of an HMAC, or without a signature."""
    content = ".".join(_base64(json.dumps(part).encode()) for part in (header, claims))
    code = hmac.digest(secret, content.encode(), "sha256") if secret else b""
    return f"{content}.{_base64(code)}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
