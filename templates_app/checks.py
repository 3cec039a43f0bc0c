"""The check that public templates can run with the providers that are chosen."""

from __future__ import annotations

from core.checks import Checks, ok, register, warning
from templates_app import selectors
from templates_app.graph.rules.issue_texts import for_api
from templates_app.graph.rules.validation import validate
from templates_app.models import Template
from tools import registry

TEMPLATES_LOOKED_AT = 200


@register("template values", every_s=600, after="database")
def template_values() -> Checks:
    """Name public templates that read a value which a stage's provider does not give."""
    rows = Template.objects.filter(selectors.OPEN).select_related("published")
    broken = {
        f"{template.name} ({template.public_id})": for_api(issue)
        for template in rows.order_by("-published_at")[:TEMPLATES_LOOKED_AT]
        for issue in validate(template.published and template.published.spec, registry.table())
        if issue.code == "value_not_given"
    }
    if not broken:
        yield ok("every public template can run")
        return
    name, message = next(iter(broken.items()))
    more = f"; {len(broken) - 1} more" if len(broken) > 1 else ""
    yield warning(
        f"{name} can't run: {message.rstrip('.')}{more}",
        "Choose another provider for that stage's tool in REELGRAPH_PROVIDERS.",
    )
