"""`/v1/account/…`."""

from typing import cast

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.schemas import Account
from core.http import success


class Me(APIView):
    """`GET /v1/account/me`: clients ask this by themselves as soon as they have a credential."""

    def get(self, request: Request) -> Response:
        return success(Account.of(cast(User, request.user)).model_dump())
