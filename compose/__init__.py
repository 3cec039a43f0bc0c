"""Drafting: a brief in plain words becomes a template, with a language model or without one.

Public modules:
- `drafting`: a brief → a template to look at, checked, laid out and priced; nothing is stored.
- `model.model_client`: asking the language model that is set up. `model.service`: how it is set up.
- `language_model`: the same with its limits. `model.local_models`: models on this machine.
- `checks`: which models this machine has.
- `charging`: what a composition call costs, and its answer for the requests that repeat it.
- `execution`: one call of a tool outside a run, charged.
- `chat.models`: the models that chat answers by.
- `brief.brief`, `brief.read`, `brief.questions`: what a brief asks for, or must be asked; pure.
- `language`: the tables of words that all of this reads by, and their check.

Other apps import nothing else of this one; `scripts/structure.py` checks it.
"""
