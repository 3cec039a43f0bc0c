"""The word index of creations, in each database's own way, as of templates.

Triggers of `creations_sharelisting` keep it. A later migration that makes SQLite rebuild that table
drops them with it, and has to run `index_words` again.
"""

from django.db import migrations

SQLITE = (
    """
    CREATE VIRTUAL TABLE creations_sharelisting_fts USING fts5(
        words, content='creations_sharelisting', content_rowid='share_id',
        tokenize="ascii tokenchars '#@_-'", prefix='1 2 3', detail='none', columnsize=0
    )
    """,
    """
    CREATE TRIGGER share_words_added AFTER INSERT ON creations_sharelisting BEGIN
        INSERT INTO creations_sharelisting_fts(rowid, words) VALUES (NEW.share_id, NEW.words);
    END
    """,
    """
    CREATE TRIGGER share_words_gone AFTER DELETE ON creations_sharelisting BEGIN
        INSERT INTO creations_sharelisting_fts(creations_sharelisting_fts, rowid, words)
        VALUES ('delete', OLD.share_id, OLD.words);
    END
    """,
    """
    CREATE TRIGGER share_words_changed AFTER UPDATE OF words ON creations_sharelisting BEGIN
        INSERT INTO creations_sharelisting_fts(creations_sharelisting_fts, rowid, words)
        VALUES ('delete', OLD.share_id, OLD.words);
        INSERT INTO creations_sharelisting_fts(rowid, words) VALUES (NEW.share_id, NEW.words);
    END
    """,
)
SQLITE_BACK = (
    "DROP TRIGGER share_words_changed",
    "DROP TRIGGER share_words_gone",
    "DROP TRIGGER share_words_added",
    "DROP TABLE creations_sharelisting_fts",
)
# An array, not a text: Postgres' own parser would read words differently.
POSTGRES = (
    """
    ALTER TABLE creations_sharelisting ADD COLUMN vector tsvector
    GENERATED ALWAYS AS (array_to_tsvector(array_remove(string_to_array(words, ' '), ''))) STORED
    """,
    "CREATE INDEX share_words ON creations_sharelisting USING gin (vector)",
)
POSTGRES_BACK = ("ALTER TABLE creations_sharelisting DROP COLUMN vector",)


def index_words(apps, schema_editor):
    _run(schema_editor, SQLITE, POSTGRES)


def drop_index(apps, schema_editor):
    _run(schema_editor, SQLITE_BACK, POSTGRES_BACK)


def _run(schema_editor, sqlite, postgres):
    for statement in sqlite if schema_editor.connection.vendor == "sqlite" else postgres:
        # Without parameters, so that no percent sign is read as one.
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("creations", "0001_initial")]

    operations = [migrations.RunPython(index_words, drop_index, elidable=False)]
