"""Reports of templates, creations and comments, decisions about them, the moderators' pages.

Public modules:
- `models`, `selectors`, `moderators`: cases, and who decides them.
- `reporting`, `notices`, `own_decisions`: what everyone sees: sending a report, reading what came
  of it, and decisions about themselves.
- `case_changes`, `case_queue`, `audit_log`, `audit_labels`: for the pages of staff.
- `picks`: what moderators put forward in the gallery.

Other apps import nothing else of this one; `scripts/structure.py` checks it.
"""
