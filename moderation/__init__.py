"""Reports of templates, creations and comments, and decisions about them.

Public modules:
- `models`, `selectors`, `subjects`, `reasons`, `moderators`: cases, what they are about, and who
  decides them.
- `reporting`, `notices`, `own_decisions`, `appeals`: what everyone sees: sending a report, reading
  what came of it, decisions about themselves, and asking for another look.
- `case_queue`, `case_work`, `case_words`, `case_changes`, `evidence_access`, `lineage`,
  `person_history`, `reporter_reputation`: a case as moderators see it and work on it.
- `services`, `decision_measures`, `sanctions`, `decision_scope`, `notifications`: decisions, whom
  and what they reach, and who hears of them.
- `audit_log`, `audit_log_reads`, `audit_labels`: what staff did.
- `staff_picks`: what moderators put forward in the gallery.

Other apps import nothing else of this one; `scripts/structure.py` checks it.
"""
