"""All checks of this server, in the order in which they are shown, and those of its processes."""

from importlib import import_module

for _module in (
    "builder.ops.checks.machine",
    "core.database_checks",
    "core.server_checks",
    "core.channel_layers.checks",
    "accounts.checks",
    "builder.ops.checks.processes",
    "runs.engine.checks",
    "media.checks",
    "templates_app.checks",
    "backups.checks",
    "tools.provider_checks",
    "compose.checks",
    "notices.checks",
):
    # Each registers its checks.
    import_module(_module)
