"""Drafting: a brief in plain words becomes a template, with a language model or without one.

Public modules:
- `drafting`: a brief → a template to look at, checked, laid out and priced; nothing is stored.
- `model.client`: asking the configured language model.
- `charging`: what a composition call costs.
- `execution`: one call of a tool outside a run, charged.
- `chat.models`: the models that chat answers by.
- `brief.brief`, `brief.read`: what a brief asks for, pure.

Other apps import nothing else of this one; `scripts/structure.py` checks it.
"""
