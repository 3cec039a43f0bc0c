"""Templates that hold a person's words and nothing else, as no one accepted a draft of them.

While a proposal for one is kept, so is the template.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from core import clock
from templates_app.lifecycle import history
from templates_app.models import Document, Template
from templates_app.selectors import LIVE, WAITING

# So long an editor that was left open, or its address, leads back to the words.
KEEP_FOR: Final = timedelta(days=7)
# Proposals may be made again and again; a server that was off for longer leaves some, which are in
# no list.
LOOKED_BACK: Final = timedelta(days=365)
# By its reverse name: this layer does not know proposals.
WITHOUT_PROPOSAL: Final = Q(kept_proposals=None)
AT_ONCE: Final = 100
TEND_EVERY_S: Final = 3600.0


def tend() -> float:
    """Delete some that were left. Returns in how many seconds to ask again, 0 at once.

    A chore, see `runs.engine.periodic`.
    """
    return 0 if delete_left() else TEND_EVERY_S


def delete_left() -> int:
    """Delete the oldest of those that were left. Returns how many went."""
    before = clock.now() - KEEP_FOR
    rows = Template.objects.filter(
        LIVE, WAITING, WITHOUT_PROPOSAL, created_at__range=(before - LOOKED_BACK, before)
    )
    return sum(map(_delete, rows.order_by("created_at").values_list("pk", flat=True)[:AT_ONCE]))


@transaction.atomic
def _delete(template_id: int) -> bool:
    """Delete one, unless its draft is accepted at the same time."""
    template = Template.objects.select_for_update().get(pk=template_id)
    # An edit locks the document: it comes first and is seen here, or finds the document gone.
    Document.objects.filter(template=template, rev=0).delete()
    waiting = Template.objects.filter(LIVE, WAITING, WITHOUT_PROPOSAL, pk=template_id)
    now = clock.now()
    if not waiting.update(deleted_at=now, updated_at=now):
        return False
    history.forget_all(template)
    return True
