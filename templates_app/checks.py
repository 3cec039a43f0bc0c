"""The check that public templates can run with the providers that are chosen."""

from __future__ import annotations

from core.checks import Checks, ok, register, warning
from templates_app import media_links, selectors
from templates_app.graph.issues import Issue
from templates_app.graph.rules.issue_texts import for_api
from templates_app.graph.rules.validation import validate
from templates_app.models import Template, TemplateVersion
from templates_app.uses import table_of
from tools.declaration.ports import ToolTable

TEMPLATES_LOOKED_AT = 200


@register("template values", every_s=600, after="database")
def template_values() -> Checks:
    """Name public templates that read a value which a stage's provider does not give."""
    rows = Template.objects.filter(selectors.OPEN).select_related("published")
    broken = {
        f"{template.name} ({template.public_id})": for_api(issue)
        for template in rows.order_by("-published_at")[:TEMPLATES_LOOKED_AT]
        if template.published is not None
        for issue in validate(template.published.spec, table_of(template.published))
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


def issues_of(version: TemplateVersion, tools: ToolTable) -> tuple[Issue, ...]:
    """Find what is against running a saved version now: tools and rules change after a save.

    tools: what its stages may be.
    """
    # Validation is pure and knows no references of ours, only addresses.
    spec = media_links.show(
        version.spec, version_id=version.pk, base_url="https://media.invalid", is_open=True
    )
    return validate(spec, tools)
