"""Every address of the server. `/v1` is the public contract, `/app` the browser's own routes."""

from django.urls import include, path

import accounts.api
from builder.openapi import views as openapi
from builder.realtime.api import TicketsView

urlpatterns = [
    path("v1/", include("accounts.urls")),
    path("", include("media.urls")),
    path("v1/", include("compose.urls")),
    path("v1/", include("builder.account_reads.urls")),
    path("v1/realtime/tickets", TicketsView.as_view()),
    path("v1/openapi.json", openapi.OpenapiView.as_view()),
    path("v1/asyncapi.json", openapi.AsyncapiView.as_view()),
    path("docs/api", openapi.reference, name="api"),
    path("v4/account/balance", accounts.api.BalanceView.as_view()),
    path("api/", include("builder.account_reads.socket_host_urls")),
    path("v1/apps/", include("simple_apps.web.urls")),
    path("v1/run-sets", include("run_sets.web.urls")),
    path("v1/webhooks/", include("webhooks.urls")),
    path("v1/creative-agent/workflows/", include("templates_app.web.urls")),
    path("v1/creative-agent/", include("runs.web.urls")),
    path("", include("builder.agents.oauth.urls")),
    path("", include("builder.pages_urls")),
]

handler400 = "core.http.bad_request"
handler403 = "core.http.permission_denied"
handler404 = "core.http.page_not_found"
handler500 = "core.http.server_error"
