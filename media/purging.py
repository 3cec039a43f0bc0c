"""Taking away what a person brought, when they leave."""

from accounts.models import User
from media.models import Upload


def delete_uploads(*, owner: User) -> int:
    """Forget a person's uploads, their file names too. Returns how many there were.

    Bytes that nothing else needs go with the next sweep, never within a request.
    """
    count, _ = Upload.objects.filter(owner=owner).delete()
    return count
