"""`GET /v1/webhooks/secret`: the secret that signs what a key's runs tell."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from accounts.auth import require_api_key
from accounts.authentication import principal_of
from core.http import success
from core.openapi import operation
from webhooks.signatures import secret_of_key


class SecretOut(TypedDict):
    secret: str


class SecretView(APIView):
    """`/v1/webhooks/secret`."""

    @operation(
        "getWebhookSecret",
        "Get the secret that signs webhooks",
        scope="run",
        tag="Webhooks",
        answers={200: SecretOut},
        description="Of the API key or connection that asks: deliveries to the `webhook` of its"
        " starts are signed with it, by the recipe of standardwebhooks.com.",
    )
    def get(self, request: Request) -> Response:
        """Needs an API key, as it is that key's secret."""
        key = require_api_key(principal_of(request), "The secret of webhooks")
        data: SecretOut = {"secret": secret_of_key(key)}
        return success(data)
