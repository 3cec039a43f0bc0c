"""Webhooks: telling programs elsewhere that a run is done, failed or waits.

A delivery is a row, written in the transaction of the run's change that it tells of; a worker sends
it until the receiver takes it. It reaches the receiver at least once, always under the same id.

Public modules:
- `endpoints`, `deliveries`, `models`: what people set up, and what was sent.
- `signatures`: the secret of a key.
- `api`: its route.

Other apps import nothing else of this one; `scripts/structure.py` checks it.
"""
