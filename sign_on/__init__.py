"""Sign-on: people come in by an account that they have at a provider of OpenID Connect.

They are known by issuer and subject, never by a mail address. Their accounts, keys and runs are
those of this server, and stay when the provider's account ends.

Public modules:
- `provider`: what owners have set up.
- `flow`: the way there and back.
- `identities`, `models`: whose accounts at the provider are whose here, and who may join.

Other apps import nothing else of this one; `scripts/structure.py` checks it.
"""
