"""The right to see a staff page. Every console page goes through here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache

from accounts import factor_demand, second_factor
from accounts.models import User
from core import errors

View = Callable[..., HttpResponseBase]
CODE_PAGE = "/sign-in/code"


def staff_page(may_see: Callable[[User], bool]) -> Callable[[View], View]:
    """A page for people whom `may_see` accepts; everyone else gets "not found".

    Someone with a second factor must have shown a code in this session. With
    REELGRAPH_SECOND_FACTOR=staff, staff without one are sent to set it up.
    """

    def wrap(view: View) -> View:
        @never_cache
        @wraps(view)
        def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            person = request.user
            if not isinstance(person, User) or not person.is_authenticated:
                return redirect_to_login(request.get_full_path(), "/sign-in")
            if not may_see(person):
                raise errors.NotFound
            if not second_factor.has_passed(request):
                if factor_demand.is_on(person):
                    return redirect_to_login(request.get_full_path(), CODE_PAGE)
                if factor_demand.is_demanded(person):
                    return redirect_to_login(request.get_full_path(), factor_demand.SET_UP_PAGE)
            return view(request, *args, **kwargs)

        return guard

    return wrap
