"""Backups: a server's database of one moment and the media that it names, made while it runs.

    DIR/reelgraph-backups       the mark: whose folder it is, see `folder_mark`
    DIR/blobs/ab/cd/<sha256>    media, shared by all backups of DIR: a later one adds what is new
    DIR/<moment>/               database.sqlite3 or database.dump, media.txt, secret_key,
                                config/, manifest.json

- `making.make` makes one, `verifying.verify` looks at one.
- `restoring.restore` makes a server of one, which is quiet at first, see `core.installation`.
- `databases` copies and restores the database, by `postgres_dump` on Postgres; `media_pool` keeps
  the files, `config_files` the operator's own.
- `moving.move` moves all rows to a database of the other kind: `value_checks` finds what can't be,
  `table_rows` reads and writes, `row_hashes` compares, `id_sequences` lets numbers go on.
"""
