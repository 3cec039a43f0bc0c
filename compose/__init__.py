"""Drafting: a brief in plain words becomes a template, with a language model or without one.

Public modules:
- `drafting`: a brief → a template to look at, checked, laid out and priced; nothing is stored.
- `model.model_client`: asking the language model that is set up. `model.service`: how it is set up.
- `language_model`: the same with its limits. `model.local_models`: models on this machine.
- `checks`: which models this machine has.
- `charging`: what a composition call costs, and its answer for the requests that repeat it.
- `execution`: one call of a tool outside a run, charged.
- `chat.models`: the models that chat answers by.
- `plan`: the settings of a new template. `plain_settings`: those that a brief's words set; pure.
- `changes.controls`, `changes.reading`: changes of a template by controls; pure.
- `kept_proposals`: proposals that wait for their person's answer.

Other apps import nothing else of this one; `scripts/structure.py` checks it.
"""
