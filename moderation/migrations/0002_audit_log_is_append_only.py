"""The database refuses to change or delete an audit entry, whoever asks it."""

from django.db import migrations

SQLITE = {
    "update": """
        CREATE TRIGGER moderation_audit_no_update BEFORE UPDATE ON moderation_auditentry
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
    """,
    "delete": """
        CREATE TRIGGER moderation_audit_no_delete BEFORE DELETE ON moderation_auditentry
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
    """,
}
POSTGRES = [
    """
    CREATE FUNCTION moderation_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER moderation_audit_no_change BEFORE UPDATE OR DELETE ON moderation_auditentry
    FOR EACH ROW EXECUTE FUNCTION moderation_audit_refuse()
    """,
]


def guard(apps, schema_editor):
    statements = SQLITE.values() if schema_editor.connection.vendor == "sqlite" else POSTGRES
    for statement in statements:
        schema_editor.execute(statement)


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER moderation_audit_no_update")
        schema_editor.execute("DROP TRIGGER moderation_audit_no_delete")
    else:
        schema_editor.execute("DROP TRIGGER moderation_audit_no_change ON moderation_auditentry")
        schema_editor.execute("DROP FUNCTION moderation_audit_refuse()")


class Migration(migrations.Migration):
    dependencies = [("moderation", "0001_initial")]
    operations = [migrations.RunPython(guard, unguard)]
