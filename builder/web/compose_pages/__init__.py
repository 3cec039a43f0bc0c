"""`/app/compose`: what "Describe it" and "Change it" of the editor ask for.

Other pages send people to the editor with a brief in two steps: create an empty template whose
`brief` is the person's words (`templates_app.lifecycle.services.create_template`, with the cause
`DESCRIBED`, so that lists leave it out until a draft is accepted, but for *My templates* while a
proposal waits), then redirect to
`opening.editor_with_brief(public_id)`. The editor opens with the brief in its box and asks for a
draft at once. The brief is in the template, so that a reload or another browser does not lose it,
and never in an address, so that no log has it. The fragment asks only once: the editor removes it.
"""
