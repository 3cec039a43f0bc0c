"""`/v1/account/…`: who someone is, what they have, and the tokens of a sign-in."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import unquote

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import factor_demand, passwords, scopes, second_factor, security, selectors, tokens
from accounts.auth import KEY_COOKIE, principal_from_headers, without_scheme
from accounts.authentication import require_own_page
from accounts.models import User
from accounts.schemas import (
    Account,
    Balance,
    LoginIn,
    LogoutIn,
    RefreshIn,
    SignedIn,
    SignedOut,
    TokenPair,
)
from accounts.suspension import allowed_while_suspended
from core import errors
from core.http import body_of, parse, success
from core.openapi import operation

TAG = "Account"
_WALLET_FIELDS = ("walletAddress", "signature")
_NO_WALLETS = (
    "This server doesn't support wallets. Sign in with username and password, or use an API key"
    " (Authorization: Bearer <key>)."
)


class Me(APIView):
    """`GET /v1/account/me`: clients ask this by themselves as soon as they have a credential."""

    @operation("getAccount", "Get the current user", tag=TAG, answers={200: Account})
    def get(self, request: Request) -> Response:
        return success(Account.of(cast(User, request.user)).model_dump())


class BalanceView(APIView):
    """`GET /v4/account/balance`, also at `/v1`."""

    @operation("getBalance", "Get the balance", tag=TAG, answers={200: Balance})
    def get(self, request: Request) -> Response:
        grants, net = selectors.granted_and_net(cast(User, request.user))
        return success(Balance.of(grants, net).model_dump())


class OpenView(APIView):
    """Asked by someone who has no credential yet."""

    authentication_classes: Any = ()
    permission_classes: Any = ()


class Login(OpenView):
    """`POST /v1/account/login`."""

    @operation(
        "login",
        "Sign in",
        tag=TAG,
        body=LoginIn,
        body_example={"username": "alice", "password": "lamplight-42"},
        answers={200: SignedIn},
        errors=(401, 403, 501),
        public=True,
        description="After 10 failed attempts in 15 minutes for one username from one address: 429."
        " Suspended accounts: 403. Accounts with a second factor, and all where everyone needs one:"
        " 403; use an API key.",
    )
    def post(self, request: Request) -> Response:
        raw = body_of(request)
        if "username" not in raw and any(name in raw for name in _WALLET_FIELDS):
            raise errors.NotOffered(_NO_WALLETS)
        body = parse(LoginIn, raw)
        user = passwords.sign_in(
            username=body.username, password=body.password, request=request._request
        )
        if second_factor.is_on(user):
            raise errors.Forbidden(
                "This account uses a second factor, which this route doesn't support."
                " Make an API key at /me/keys and send it in the api-key header.",
                code="auth.second_factor",
            )
        factor_demand.check(user)
        pair = tokens.start_family(
            user=user, lasting=body.rememberMe is not False, app_source=body.appSource or ""
        )
        security.record(security.API_SIGN_IN, user=user, name=body.appSource or "")
        answer = SignedIn(username=user.username, **TokenPair.of(pair).model_dump())
        return success(answer.model_dump())


class RefreshToken(OpenView):
    """`POST /v1/account/refresh-token`."""

    @operation(
        "refreshToken",
        "Refresh tokens",
        tag=TAG,
        body=RefreshIn,
        body_example={"refreshToken": "eyJhbGciOiJIUzI1NiJ9.…"},
        answers={200: TokenPair},
        errors=(401, 403),
        public=True,
        description="A refresh token works once. One that is shown again ends every token of that"
        " sign-in.",
    )
    def post(self, request: Request) -> Response:
        body = parse(RefreshIn, body_of(request))
        return success(TokenPair.of(tokens.refresh(body.refreshToken.strip())).model_dump())


class Logout(OpenView):
    """`POST /v1/account/logout`. Twice is fine, and so is a token that has expired."""

    @operation(
        "logout",
        "Sign out",
        tag=TAG,
        body=LogoutIn,
        answers={200: SignedOut},
        errors=(401, 403),
        description="Takes the access token of the request or the refresh token of the body."
        " Harmless to repeat. An API key is not ended by this: revoke it at /me/keys.",
    )
    @allowed_while_suspended("POST")
    def post(self, request: Request) -> Response:
        # Kept for the check of the page, which may want to read it as a form.
        _ = request._request.body
        body = parse(LogoutIn, body_of(request))
        token = body.refreshToken or without_scheme(request.headers.get("Authorization", ""))
        if "api-key" in request.headers or token.startswith("rg_"):
            # SDKs sign out with any credential they hold. An API key stays valid.
            principal_from_headers(
                {k.lower(): v for k, v in request.headers.items()}, scope=scopes.READ
            )
            return success(SignedOut(loggedOut=False).model_dump())
        if not token:
            token = without_scheme(unquote(request.COOKIES.get(KEY_COOKIE, "")))
            if not token:
                raise errors.Unauthenticated()
            require_own_page(request._request)
        return success(SignedOut(loggedOut=tokens.end_family(token.strip())).model_dump())


class Nonce(OpenView):
    """`POST /v1/account/nonce`: the first half of a wallet's sign-in."""

    @operation(
        "walletNonce",
        "Wallet sign-in (not supported)",
        tag=TAG,
        answers={},
        errors=(501,),
        public=True,
    )
    def post(self, request: Request) -> Response:
        raise errors.NotOffered(_NO_WALLETS)
