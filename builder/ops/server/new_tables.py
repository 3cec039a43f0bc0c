"""Create the tables of an empty SQLite database as the newest migrations leave them.

Migrating one takes ten times as long: Django builds its models again for each of some 300 changes.
"""

from __future__ import annotations

from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, router
from django.db.migrations import RunPython, RunSQL
from django.db.migrations.executor import MigrationExecutor


def are_possible() -> bool:
    return connection.vendor == "sqlite" and not connection.introspection.table_names()


def create() -> None:
    """Do what `migrate` does, in one transaction.

    The models are those of the newest migration, also for what older ones run themselves: Python
    and SQL, which find no rows. A test compares the result with that of `migrate`.
    """
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    plan = executor.migration_plan(graph.leaf_nodes(), clean_start=True)
    state = executor.loader.project_state()
    # Without foreign keys, as long as not all tables are there.
    with connection.schema_editor() as editor:
        executor.recorder.ensure_schema()
        for model in state.apps.get_models():
            if router.allow_migrate_model(connection.alias, model):
                editor.create_model(model)
        for migration, _ in plan:
            for operation in migration.operations:
                if isinstance(operation, RunPython | RunSQL):
                    operation.database_forwards(migration.app_label, editor, state, state)
            executor.recorder.record_applied(migration.app_label, migration.name)
        # Content types and permissions: with the tables, or they would be missing for good.
        emit_post_migrate_signal(0, False, connection.alias, apps=state.apps, plan=plan)
