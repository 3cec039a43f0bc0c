"""Requests and responses of accounts, in the spelling of the public contract."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from accounts.models import User
from accounts.tokens import Tokens

JWT = Annotated[str, Field(description="A JWT (HS256) with `exp`, `iat`, `iss`, `sub`.")]


class Account(BaseModel):
    """The person whom the credentials belong to. There are no wallets here, so that address is
    empty."""

    username: str
    currentEmail: str
    walletAddress: str = ""
    displayName: str
    id: str

    @classmethod
    def of(cls, user: User) -> Account:
        return cls(
            username=user.username,
            currentEmail=user.email,
            displayName=user.display_name,
            id=user.public_id,
        )


class LoginIn(BaseModel):
    """Name and password. Wallet fields (`walletAddress`, `signature`) are not offered: 501."""

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True)

    username: Annotated[str, Field(min_length=1, max_length=150)]
    """The user name; not an e-mail address."""
    password: Annotated[str, Field(min_length=1, max_length=1024)]
    """The password."""
    rememberMe: Annotated[
        StrictBool | None,
        Field(description="false: the refresh token lives a day instead of 30."),
    ] = None
    appSource: Annotated[str | None, Field(max_length=200)] = None
    """Which program asks."""


class RefreshIn(BaseModel):
    """The refresh token of the newest pair."""

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True)

    refreshToken: Annotated[str, Field(min_length=1, max_length=4096)]
    """Of the newest pair."""


class LogoutIn(BaseModel):
    """Nothing, where the access token came with the request; else the refresh token."""

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True)

    refreshToken: Annotated[str | None, Field(max_length=4096)] = None
    """Of any pair of this sign-in."""


class TokenPair(BaseModel):
    """`token` goes into `Authorization` for 15 minutes; `refreshToken` gets the next pair, once."""

    token: JWT
    refreshToken: JWT

    @classmethod
    def of(cls, pair: Tokens) -> TokenPair:
        return cls(token=pair.access, refreshToken=pair.refresh)


class SignedIn(TokenPair):
    """The first pair, and who it is for."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    username: str
    """Who signed in."""


class SignedOut(BaseModel):
    """loggedOut: whether this call ended it; false when it had ended before."""

    loggedOut: bool


Amount = Annotated[
    str, Field(pattern=r"^-?[0-9]+(\.[0-9]+)?$", description="A decimal number of units.")
]


class TokenBalance(BaseModel):
    """settled: what was granted; debit: what was used or is reserved; net: what is left."""

    settled: Amount
    credit: Amount
    debit: Amount
    net: Amount


class SparkBalance(TokenBalance):
    premiumCredit: Amount


class Balance(BaseModel):
    """Credit from this server's own ledger. There is one pot; it is shown as spark."""

    sogni: TokenBalance
    spark: SparkBalance

    @classmethod
    def of(cls, granted_milli: int, net_milli: int) -> Balance:
        nothing: dict[str, Any] = dict.fromkeys(("settled", "credit", "debit", "net"), "0")
        spark = SparkBalance(
            settled=_amount(granted_milli),
            credit="0",
            debit=_amount(granted_milli - net_milli),
            net=_amount(net_milli),
            premiumCredit="0",
        )
        return cls(sogni=TokenBalance(**nothing), spark=spark)


def _amount(milli: int) -> str:
    """Thousandths as a plain decimal: `-1.5`, `20`."""
    whole, rest = divmod(abs(milli), 1000)
    text = f"{whole}.{rest:03}".rstrip("0").rstrip(".")
    return f"-{text}" if milli < 0 else text
