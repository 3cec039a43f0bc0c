"""Comments on creations, on results of a template's runs, and on stages of a template.

Public modules:
- `models`, `selectors`: comments, and who may read and write them.
- `services`: writing, answering, resolving and removing them. `hiding`: for moderation.
- `deleting`: when their author leaves.

Other apps import nothing else of this one; `scripts/structure.py` checks it.
"""
