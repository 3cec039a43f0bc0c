"""Runs: a template or a list of steps is planned, admitted, executed by workers and shown live.

Public modules:
- `models`, `states`, `selectors`, `access`, `options`, `dispatch`: runs, steps and attempts.
- `run_rows`: all rows of runs.
- `run_names`: runs of one name, told apart.
- `webhook_events`, `admission.receivers`: what is told of runs, and the rules of who hears it.
- `result_notice`: whose drafts results are, and what they leave out.
- `my_media`: what a person's runs made and what they uploaded.
- `stage_tree`: which steps are inside which. `stage_titles`: their names for people.
- `planning.places`: the places of steps in what batches repeat.
- `planning.seeds`: the seeds of a template's stages.
- `admission.start`, `admission.start_draft`, `admission.run_again`, `admission.final_run`,
  `admission.final_quotes`, `admission.drafts`, `admission.template_quotes`,
  `admission.draft_quotes`: starting a run, and what it will cost.
- `engine.queue_reasons`, `engine.stuck`: why a step waits, and which runs are
  stuck.
- `engine.checks`: what can be wrong with the queue.
- `engine.run_scope`: the values that a run's references have.
- `engine.limits`, `engine.limit_settings`, `engine.active_step_counts`: how much of the queue may
  be at work for a provider or an API key, and pauses.
- `engine.blocked_owners`: whose steps begin no further.
- `engine.cooldowns`, `engine.automatic_pauses`: providers that are asked for nothing for a while.
- `engine.rerouting`: which labels steps wait for in vain.
- `engine.step_kinds`, `engine.executor_writes`: steps that another app executes.
- `admission.insert`, `admission.idempotency`, `admission.new_run`, `admission.start_limits`: what
  starts such runs.
- `engine.remote_jobs`, `engine.attempt_context`, `engine.claims`: what wakes and holds a step.
- `log.changes`, `interaction.waits`, `billing.quotes`, `planning.schemas`,
  `planning.final_schemas`, `live.event_stream`: what such steps change and ask, and how they are
  shown.
- `engine.worker`, `engine.worker_registry`, `engine.sweep`, `engine.cancelling`,
  `engine.reclaiming`, `engine.retention`: workers, and what operators do to their steps.
- `interaction.answers`, `interaction.answer_schemas`, `interaction.approval`, `interaction.retry`,
  `interaction.wait_kinds`: what people answer, approve and retry.
- `billing.units`: credits as text.
- `log.events`, `live.socket_messages`: what the log and the sockets say. `live.body_stream`: one
  body as a stream. `live.feed`: until a run
  ends.
- `web.artifacts`, `web.event_wire`, `web.failures`, `web.file_names`, `web.schemas`,
  `web.serializers`, `web.steps`, `web.wire_states`: runs in the spelling of the API.
- `web.download`: files as a zip.

Other apps import nothing else of this one; `scripts/structure.py` checks it.
"""
