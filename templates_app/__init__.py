"""Templates: the graph, its checks, versions, and live editing by several people.

Public modules:
- `models`, `selectors`, `schemas`, `media_links`, `blocked_previews`: templates and their versions.
- `checks`: whether public templates can run.
- `lifecycle.bundles`, `lifecycle.collapsing`, `lifecycle.services`, `lifecycle.forking`,
  `lifecycle.samples`, `lifecycle.previews`, `lifecycle.publishing`, `lifecycle.publication_holds`,
  `lifecycle.public_uses`, `lifecycle.purging`, `lifecycle.requested_uses`,
  `lifecycle.version_writes`: the writes.
- `documents.services`, `documents.selectors`, `documents.invitations`, `documents.socket_messages`,
  `documents.hints`, `documents.pruning`, `documents.rendering`, `documents.seeds`: live editing.
- `document_ops.*`: operations on a document, pure.
- `graph.*`: templates as data, their checks and their compilation to a plan, pure.
- `folders`, `library`: how a person keeps what they own or work on.
- `gallery_index`, `nearest`, `search`, `tokenizer`, `word_index`: finding templates.
- `uses`, `named_uses`, `used_versions`, `open_stage`: templates as stages of other templates.
- `semver`: numbers of versions.
- `posters`, `sharing`: their pictures.
- `web.schemas`, `web.serializers`, `web.template_files`: the bodies of the API, and files.

Other apps import nothing else of this one; `scripts/structure.py` checks it.
"""
