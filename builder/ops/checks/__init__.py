"""All checks of this server, in the order in which they are shown, and those of its processes."""

from importlib import import_module

from core.checks import ENTRIES

_MODULES = (
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
)
for _module in _MODULES:
    # Each registers its checks.
    import_module(_module)
# Some were imported before, for other things that are in them.
_entries = sorted(ENTRIES.values(), key=lambda entry: _MODULES.index(entry.look.__module__))
ENTRIES.clear()
ENTRIES.update({entry.name: entry for entry in _entries})
