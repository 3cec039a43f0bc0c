"""Taking away what a person brought, when they leave."""

from accounts.models import User
from media.models import Upload
from media.services import forget_uploads


def delete_uploads(*, owner: User) -> int:
    """Forget a person's uploads, their file names too. Returns how many there were.

    Bytes that nothing else needs go with the next sweep, never within a request.
    """
    return forget_uploads(owner.pk, Upload.objects.filter(owner=owner))
