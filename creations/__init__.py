"""Creations: what a person shows others of a run, each at an address of its own.

Public modules:
- `models`, `selectors`, `licenses`: creations and their media.
- `search`, `listing`, `search_terms`: finding public creations. `likes`: liking them.
- `retention`: what is kept of them, and for how long.
- `sharing`: showing a run's results, changing what is shown, and ending it.
- `frozen_templates`, `remixing`: the template, inputs and seeds that Remix copies.

Other apps import nothing else of this one; `scripts/structure.py` checks it.
"""
