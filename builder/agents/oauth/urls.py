from django.urls import path

from builder.agents.oauth import app_routes, consent, discovery

WELL_KNOWN = ".well-known/oauth-"

urlpatterns = [
    path(f"{WELL_KNOWN}protected-resource", discovery.protected_resource),
    path(
        f"{WELL_KNOWN}protected-resource/mcp",
        discovery.protected_resource,
        {"path": discovery.MCP},
    ),
    path(f"{WELL_KNOWN}authorization-server", discovery.authorization_server),
    path(f"{WELL_KNOWN}authorization-server/mcp", discovery.authorization_server),
    path("oauth/register", app_routes.register),
    path("oauth/authorize", consent.authorize, name="authorize"),
    path("oauth/token", app_routes.token),
    path("oauth/revoke", app_routes.revoke),
]
