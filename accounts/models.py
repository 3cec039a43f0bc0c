"""People, their keys, one-time links and what they spent."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from core import clock, ids


class User(AbstractUser):
    """A person, or `system`, which owns the samples and is a real row."""

    public_id = models.CharField(max_length=32, unique=True, default=ids.user_id, editable=False)
    display_name = models.CharField(max_length=80, blank=True)
    suspended_until = models.DateTimeField(null=True, blank=True)
    # Raised to end every session at once, also of people without a password.
    session_epoch = models.IntegerField(default=0)
    # When they first had the editor open, which shows its first steps then and never again.
    editor_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta(AbstractUser.Meta):
        indexes = [
            models.Index(
                fields=["suspended_until"],
                condition=Q(suspended_until__isnull=False),
                name="user_suspended",
            )
        ]

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        # Django's own hook, for the current secret key and its fallbacks alike.
        state = f"{self.session_epoch}:{self.password}"
        return salted_hmac(
            "accounts.models.User.session", state, secret=secret, algorithm="sha256"
        ).hexdigest()

    @property
    def shown_name(self) -> str:
        """The name that others read: the display name, or the username where there is none.

        A command may have made an address someone's username: the name before its @ alone is shown.
        """
        return self.display_name or self.username.partition("@")[0] or "Anonymous"


class MailAddress(models.Model):
    """The address a person is written to, once they have shown that it is theirs.

    pending: a new address that was not confirmed yet. No mail but its confirmation goes there.
    """

    person = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="mail")
    address = models.EmailField(max_length=254, blank=True)
    verified_at = models.DateTimeField(null=True)
    pending = models.EmailField(max_length=254, blank=True)
    asked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(address="") | Q(verified_at__isnull=False),
                name="mail_address_is_verified",
            ),
            # Two people with one address could read each other's reset links.
            models.UniqueConstraint(
                Lower("address"), condition=~Q(address=""), name="mail_address_once"
            ),
        ]


class OAuthClient(models.Model):
    """An app that people may connect. All that it says of itself is its own claim.

    public_id: its `client_id`: made by us when it registered, or the https URL of its metadata
    document, which was read at read_at. secret_sha256: of a confidential client.
    """

    public_id = models.CharField(max_length=512, unique=True, default=ids.oauth_client_id)
    name = models.CharField(max_length=80)
    redirect_uris = models.JSONField(default=list)
    is_document = models.BooleanField(default=False)
    # How it proves itself at the token endpoint: `none`, or by its secret in one of two places.
    auth_method = models.CharField(max_length=24, default="none")
    secret_sha256 = models.BinaryField(max_length=32, null=True)
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)


class ApiKey(models.Model):
    """`rg_<lookup>_<43 characters>`. Only the hash of the secret part is kept.

    With a client it is that app's connection: it has no secret, and tokens lead to it.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80)
    lookup = models.CharField(max_length=16, unique=True)
    secret_sha256 = models.BinaryField(max_length=32)
    created_at = models.DateTimeField(default=clock.now)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    daily_budget_milli = models.BigIntegerField(null=True)
    # What it may do, see `accounts.scopes`: read < run < all. Keys from before scopes may do all.
    scope = models.CharField(max_length=4, default="all")
    expires_at = models.DateTimeField(null=True)
    client = models.ForeignKey(OAuthClient, models.PROTECT, null=True, related_name="connections")

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= clock.now()


class ConnectionTokens(models.Model):
    """The tokens of a connection, of which the newest refresh token works.

    generation: how often they were refreshed; a refresh token names the number it is good for.
    resource: what the app asked to use, empty for all of the server.
    """

    key = models.OneToOneField(ApiKey, models.CASCADE, primary_key=True, related_name="tokens")
    generation = models.IntegerField(default=0)
    refreshed_at = models.DateTimeField(default=clock.now)
    redirect_uri = models.CharField(max_length=2048)
    resource = models.CharField(max_length=512, blank=True)

    class Meta:
        indexes = [models.Index(fields=["refreshed_at"], name="connection_refreshed")]


class AuthorizationCode(models.Model):
    """The agreement of a person, until the app turns it into a connection: once, and within a
    minute.

    challenge: of PKCE, S256. seal: as in TokenFamily. key_*: of the connection, as for keys. key:
    the connection it became.
    """

    code_sha256 = models.BinaryField(max_length=32, unique=True)
    client = models.ForeignKey(OAuthClient, models.CASCADE, related_name="codes")
    user = models.ForeignKey(User, models.CASCADE, related_name="authorization_codes")
    redirect_uri = models.CharField(max_length=2048)
    challenge = models.CharField(max_length=43)
    resource = models.CharField(max_length=512, blank=True)
    scope = models.CharField(max_length=4)
    key_expires_at = models.DateTimeField(null=True)
    key_budget_milli = models.BigIntegerField(null=True)
    seal = models.CharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    key = models.ForeignKey(ApiKey, models.CASCADE, null=True, related_name="+")


class OneTimeLink(models.Model):
    """A link that works once: sign-in, invitation, an answer from a phone."""

    token_sha256 = models.BinaryField(max_length=32, unique=True)
    purpose = models.CharField(max_length=16)
    subject = models.CharField(max_length=80)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="one_time_links")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class TokenFamily(models.Model):
    """One sign-in by the public API: all the tokens that followed from it, of which the newest
    refresh token works."""

    public_id = models.CharField(max_length=32, unique=True, default=ids.token_family_id)
    user = models.ForeignKey(User, models.CASCADE, related_name="token_families")
    # How often it was refreshed; a refresh token names the number it is good for.
    generation = models.IntegerField(default=0)
    # What the person's sessions depended on when they signed in: a new password ends this too.
    seal = models.CharField(max_length=64)
    lasting = models.BooleanField(default=True)
    app_source = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)


class LedgerEntry(models.Model):
    """One movement of credit in thousandths of a unit. Append-only; a balance is the sum."""

    KINDS = ("grant", "reserve", "settle", "release")

    user = models.ForeignKey(User, models.PROTECT, related_name="ledger")
    api_key = models.ForeignKey(ApiKey, models.SET_NULL, null=True, related_name="ledger")
    kind = models.CharField(max_length=8)
    milli = models.BigIntegerField()
    ref = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ref", "kind"], name="ledger_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["grant", "reserve", "settle", "release"]), name="ledger_kind"
            ),
        ]
        # All that a day's sum reads: the list of people sums 100,000 of them without their rows.
        indexes = [
            models.Index(fields=["user", "created_at", "kind", "milli"], name="ledger_day_sum")
        ]


class SecurityEvent(models.Model):
    """One security-relevant fact: a sign-in, a failed one, a new key, a changed password.

    Append-only. Kinds are in `accounts.security`. user is null for a name that does not exist.
    """

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="security_events")
    kind = models.CharField(max_length=32)
    address = models.CharField(max_length=64, blank=True)
    agent = models.CharField(max_length=200, blank=True)
    details = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="security_mine")]


class BrowserSession(models.Model):
    """A browser that is signed in, as its person sees it in the list of sessions.

    The session itself is Django's row of the same key; ending one deletes both.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="browser_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    address = models.CharField(max_length=64, blank=True)
    agent = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    seen_at = models.DateTimeField(default=clock.now)


class StorageUse(models.Model):
    """Bytes that a person's rows and files of one kind take. Written in the writer's transaction.

    Kinds are in `accounts.storage`.
    """

    owner = models.ForeignKey(User, models.CASCADE, related_name="storage_use")
    kind = models.CharField(max_length=16)
    bytes = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "kind"], name="storage_use_once")]


class PersonLimits(models.Model):
    """The numbers that an operator set for one person; None: as for everyone.

    daily_milli: thousandths of a unit of credit on one UTC day. 0 in any of them means none at all.
    """

    person = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="limits")
    daily_milli = models.BigIntegerField(null=True)
    storage_bytes = models.BigIntegerField(null=True)
    active_runs = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(daily_milli=None) | Q(daily_milli__gte=0))
                & (Q(storage_bytes=None) | Q(storage_bytes__gte=0))
                & (Q(active_runs=None) | Q(active_runs__gte=0)),
                name="person_limits",
            )
        ]


class Block(models.Model):
    """A block of one person by another, or a mute.

    What each of the two means is in `accounts.blocks`.
    """

    KINDS = ("block", "mute")

    person = models.ForeignKey(User, models.CASCADE, related_name="blocks")
    other = models.ForeignKey(User, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=5)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "other"], name="block_once"),
            models.CheckConstraint(condition=Q(kind__in=["block", "mute"]), name="block_kind"),
            models.CheckConstraint(condition=~Q(person=F("other")), name="block_not_oneself"),
        ]
        indexes = [models.Index(fields=["other", "kind"], name="block_of_other")]


class AccountDeletion(models.Model):
    """A person who has left, of whom something may still be there; the row goes with the last."""

    person = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="deletion")
    asked_at = models.DateTimeField(default=clock.now)


class AccountExport(models.Model):
    """The newest export that a person asked for, of what is theirs."""

    person = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="export")
    public_id = models.CharField(max_length=32, unique=True, default=ids.export_id)
    asked_at = models.DateTimeField(default=clock.now)
    # A worker has it until then; another may take it up afterwards.
    leased_until = models.DateTimeField(null=True)
    runs_written = models.IntegerField(default=0)
    # From here on it can be downloaded, until it ends.
    ready_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    # Of each zip: its bytes and files.
    parts = models.JSONField(default=list)
    # Why it could not be made, as a sentence for the person.
    problem = models.CharField(max_length=300, blank=True)
