"""Files: stored by their content, received, checked, served. Media is decoded in `sandbox` only.

Public modules:
- `checks`: what can be wrong with the media folder and the sandbox.
- `models`, `services`, `resolvers`, `signing`: uploads, blobs, and the URLs that serve them.
- `blobs`, `folder_mark`, `checking`, `sweeping`, `purging`: the files of the data folder.
- `sandbox`: running code on media in a child process. Its modules are jobs; of the others,
  `sandbox.breakouts` and `sandbox.confine` are for `checks` and for the start.
- `origin`: what made a file, as people and programs are told. `marking`: copies that tell it.
- `origin_records`: what is still known of it when the file is gone.
- `credentials`, `credential_keys`, `shared_authority`: the keys that sign copies.
- `fetch`, `addresses`: files from URLs that users give. `guarded_client`, `pinned_connection`: HTTP
  to such a URL.
- `probing`, `posters`, `rotated_copies`: facts about a file, and copies made of it.
- `multipart`, `upload_endpoint`, `presigned_uploads`: receiving a file.
- `tables`: CSV and XLSX files, read and written.

Other apps import nothing else of this one; `scripts/structure.py` checks it.
"""
