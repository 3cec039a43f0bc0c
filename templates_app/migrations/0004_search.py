"""The word index of listings, in each database's own way, and the rows of what is public already.

The index follows `templates_app_listing` by itself. A later migration that makes SQLite build that
table anew drops its triggers with it, and has to run `index_words` again.
"""

from django.db import migrations

# The words are prepared in Python: the tokenizer only parts them at spaces. Prefixes of one to
# three characters have indexes of their own, as longer ones are rare enough to be gathered.
SQLITE = (
    """
    CREATE VIRTUAL TABLE templates_app_listing_fts USING fts5(
        words, content='templates_app_listing', content_rowid='template_id',
        tokenize="ascii tokenchars '#@_-'", prefix='1 2 3', detail='none', columnsize=0
    )
    """,
    """
    CREATE TRIGGER listing_words_added AFTER INSERT ON templates_app_listing BEGIN
        INSERT INTO templates_app_listing_fts(rowid, words) VALUES (NEW.template_id, NEW.words);
    END
    """,
    """
    CREATE TRIGGER listing_words_gone AFTER DELETE ON templates_app_listing BEGIN
        INSERT INTO templates_app_listing_fts(templates_app_listing_fts, rowid, words)
        VALUES ('delete', OLD.template_id, OLD.words);
    END
    """,
    """
    CREATE TRIGGER listing_words_changed AFTER UPDATE OF words ON templates_app_listing BEGIN
        INSERT INTO templates_app_listing_fts(templates_app_listing_fts, rowid, words)
        VALUES ('delete', OLD.template_id, OLD.words);
        INSERT INTO templates_app_listing_fts(rowid, words) VALUES (NEW.template_id, NEW.words);
    END
    """,
)
SQLITE_BACK = (
    "DROP TRIGGER listing_words_changed",
    "DROP TRIGGER listing_words_gone",
    "DROP TRIGGER listing_words_added",
    "DROP TABLE templates_app_listing_fts",
)
# An array, not a text: Postgres' own parser would read words differently.
POSTGRES = (
    """
    ALTER TABLE templates_app_listing ADD COLUMN vector tsvector
    GENERATED ALWAYS AS (array_to_tsvector(array_remove(string_to_array(words, ' '), ''))) STORED
    """,
    "CREATE INDEX listing_words ON templates_app_listing USING gin (vector)",
)
POSTGRES_BACK = ("ALTER TABLE templates_app_listing DROP COLUMN vector",)


def index_words(apps, schema_editor):
    _run(schema_editor, SQLITE, POSTGRES)


def drop_index(apps, schema_editor):
    _run(schema_editor, SQLITE_BACK, POSTGRES_BACK)


def list_public(apps, schema_editor):
    from templates_app.gallery_index import card_spec, heat_at, listed_words

    listing = apps.get_model("templates_app", "Listing")
    stats = apps.get_model("templates_app", "TemplateStats")
    public = apps.get_model("templates_app", "Template").objects.filter(
        visibility="public", moderation="visible", deleted_at=None, published__isnull=False
    )
    for template in public.select_related("published").iterator(chunk_size=100):
        spec, at = template.published.spec, template.published_at or template.created_at
        stats.objects.create(
            template=template, category=spec["category"], published_at=at, heat=heat_at(at)
        )
        listing.objects.create(template=template, words=listed_words(spec), card=card_spec(spec))


def _run(schema_editor, sqlite, postgres):
    for statement in sqlite if schema_editor.connection.vendor == "sqlite" else postgres:
        # Without parameters, so that no percent sign is read as one.
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("templates_app", "0003_gallery")]

    operations = [
        migrations.RunPython(index_words, drop_index, elidable=False),
        migrations.RunPython(list_public, migrations.RunPython.noop),
    ]
