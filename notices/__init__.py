"""Notices: what happened that a person should hear of, in the page, the browser and by mail.

Public modules:
- `models`, `kinds`, `selectors`: notices, and which ways of telling a person has chosen.
- `telling`: writing a notice; part of the transaction of what it tells.
- `choices`: switching each way off and on.
- `mailing`: what is sent by mail, and the periodic task that sends it.

Other apps import nothing else of this one; `scripts/structure.py` checks it.
"""
