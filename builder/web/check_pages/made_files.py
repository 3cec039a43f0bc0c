"""Answers about a file by its hash: that this server made it, and no more.

The answer says nothing about people: uploads are answered like files that were never
here, and of private results neither run nor person is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse

from accounts import blocks
from accounts.models import User
from creations import selectors as creations
from creations.models import ShareMedia
from media.origin import ORIGINS, line_of, origin_of
from media.origin_records import CLAIMS, MadeFile, made_file
from runs.models import Artifact
from templates_app import selectors as templates


@dataclass(frozen=True, slots=True)
class PublicPage:
    """A page that shows the file to everyone."""

    title: str
    author: str
    url: str


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """The answer about one hash. facts: None if nothing is known."""

    sha256: str
    facts: MadeFile | None
    page: PublicPage | None = None

    @property
    def line(self) -> str:
        """Return what people read of its origin."""
        return line_of(self.facts.origin) if self.facts else ""

    @property
    def day(self) -> str:
        """Return the day on which the server made it first, of UTC: `27 Nov 2026`."""
        return f"{self.facts.first_at:%-d %b %Y}" if self.facts else ""

    def to_json(self, base_url: str) -> dict[str, Any]:
        """Return the answer for programs. base_url: the start of the page's address."""
        facts = self.facts
        return {
            "sha256": self.sha256,
            "isMadeHere": facts is not None,
            "origin": facts.origin if facts else None,
            "originLine": self.line or None,
            "day": f"{facts.first_at:%Y-%m-%d}" if facts else None,
            "url": base_url + self.page.url if self.page else None,
        }


def look_up(sha256: str, viewer: User | None) -> CheckedFile:
    """Answer about a hash. The page is named only where this viewer's lists show it, too."""
    facts = made_file(sha256) or _of_artifacts(sha256)
    return CheckedFile(sha256, facts, _public_page(sha256, viewer) if facts else None)


def _of_artifacts(sha256: str) -> MadeFile | None:
    """Return what results tell that were made before origins were kept, and copies of them."""
    sources = ShareMedia.objects.filter(blob_id=sha256, role="result").values("source")
    rows = Artifact.objects.filter(Q(blob_id=sha256) | Q(public_id__in=sources))
    moments = [(origin_of(row), row.created_at) for row in rows.select_related("blob")]
    moments = [one for one in moments if one[0] in CLAIMS]
    if not moments:
        return None
    origin, _ = min(moments, key=lambda one: ORIGINS.index(one[0]))
    return MadeFile(origin, min(at for _, at in moments))


def _public_page(sha256: str, viewer: User | None) -> PublicPage | None:
    left_out = blocks.left_out(viewer)
    share = creations.listed_with(sha256).exclude(owner__in=left_out).first()
    if share is not None:
        url = reverse("creation", args=[share.public_id])
        return PublicPage(share.title, share.owner.shown_name, url)
    template = templates.public_with(sha256).exclude(owner__in=left_out).first()
    if template is not None:
        url = reverse("template", args=[template.public_id])
        return PublicPage(template.name, template.owner.shown_name, url)
    return None
