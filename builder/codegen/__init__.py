"""Files written from the declarations: TypeScript, style sheet variables, reference pages.

`files.GENERATED` lists every file; `manage.py generate` writes them, `--check` names those that are
out of date. Declare a thing in its own app and add it to `declared` when the editor must know it.
"""
