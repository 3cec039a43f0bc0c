"""Tools, which are what a stage can do, and the providers that do their work.

Public modules:
- `registry`: which tools there are on this server, and which provider executes each.
- `provider_checks`: what can be wrong with providers.
- `services`: what operators set up on a page, and who may use a provider. `configured_services`:
  a copy of it in every process. `models`: its rows. `configuration`: the providers at one moment.
- `catalog`: the tools that this project declares, one class each.
- `catalog.enhance_prompt`, `catalog.compose_script`, `catalog.compose_lyrics`,
  `catalog.compose_instrumental`: their forms, for those who answer them.
- `declaration.*`: what a tool is, and how its arguments are read, pure.
- `palette`, `palette_schemas`, `reference`: how tools are listed and documented. `offering`: who
  offers one, and what is known of their models.
- `content_filter`: what becomes of a run's wish for a content filter.
- `result_completion`: what a result has beyond its media.
- `providers.service_types`: the kinds of services there are. `providers.base`: the contract of a
  provider. `providers.common_options`: what any provider's settings may say. `providers.form`: what
  a kind says of its form on the page. `providers.webhooks`: which webhooks are a service's own, and
  come first.
- `providers.service`, `providers.http`, `providers.http_failures`: asking a service.
- `provider_trials.command`: what `manage.py providers try` does. `provider_trials.proofs`: what it
  proved with a real key.
- `providers.openai`, `providers.openai.client`, `providers.openai.endpoint`,
  `providers.openai.failures`: asking one with OpenAI's API, as drafting does.

Other apps import nothing else of this one; `scripts/structure.py` checks it.
"""
