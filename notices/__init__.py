"""Notices: what happened that a person should hear of, in the page, the browser and by mail.

Public modules:
- `models`, `notice_types`, `selectors`: notices, and which ways of telling a person has chosen.
- `create_notice`: writing a notice, in the transaction of what it tells; choosing how to hear of
  it.
- `feed`, `consumers`, `socket_messages`: the bell, live.
- `mailing`: what is sent by mail, and links in it that switch a kind off.
- `sending`: the periodic task that sends it. `checks`: what can be wrong with it.
- `addresses`: confirming an address, and a new password by mail.

Other apps import nothing else of this one; `scripts/structure.py` checks it.
"""
