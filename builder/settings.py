"""All settings, read from the environment once; docs/reference/settings.md lists every name."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import mediakit.job_protocol
from builder.ops import (
    channel_layer_settings,
    database_settings,
    log_settings,
    mail_settings,
    provider_settings,
)
from builder.ops.environment import (
    bind_address,
    both_or_neither,
    line,
    listed,
    make_folders,
    one_of,
    own_address,
    private_hosts,
    public_url,
    second_factor,
    secret_key,
    text_of,
    trusted_proxies,
    whole_number,
    worker_labels,
)
from core.public_url import host_of

BASE_DIR = Path(__file__).resolve().parent.parent

# The data folder: database, blobs, logs, sockets and pid files.
HOME = Path(os.environ.get("REELGRAPH_HOME") or BASE_DIR / ".reelgraph").resolve()
RUN_DIR = HOME / "run"
LOG_DIR = HOME / "logs"
# Of several machines: a folder that all of them share.
MEDIA_DIR = Path(os.environ.get("REELGRAPH_MEDIA_DIR") or HOME / "media").resolve()
make_folders(HOME, RUN_DIR, LOG_DIR, media_dir=MEDIA_DIR)

PORT = whole_number("PORT", 8000, 1, 65_535)
PUBLIC_URL = public_url()
BIND = bind_address(PUBLIC_URL)
OWN_ADDRESS = own_address(BIND)
# Proxies whose X-Forwarded-For and X-Forwarded-Proto count. With a public address there is one on
# this machine, as nothing else reaches the web process; with REELGRAPH_BIND they are named.
TRUSTED_PROXIES = trusted_proxies("127.0.0.1,::1" if PUBLIC_URL else "")
# Processes that answer requests. They share one listening socket. 0: a machine of workers alone.
WEB = whole_number("REELGRAPH_WEB", 1, 0, 32)
WORKERS = whole_number("REELGRAPH_WORKERS", 2, 0, 64)
FORK = whole_number("REELGRAPH_FORK", 1, 0, 1) == 1
# Which steps the workers of this machine take: those of providers with one of these labels.
WORKER_LABELS = worker_labels("REELGRAPH_WORKER_LABELS", "cpu,remote")
MAX_STEPS = whole_number("REELGRAPH_MAX_STEPS", 1000, 1, 100_000)
# Private hosts that media may come from, webhooks go to, and services and sign-on of a page be at.
FETCH_ALLOW = private_hosts("REELGRAPH_FETCH_ALLOW")
WEBHOOK_ALLOW = private_hosts("REELGRAPH_WEBHOOK_ALLOW")
SERVICES_ALLOW = private_hosts("REELGRAPH_SERVICES_ALLOW")
SIGN_ON_ALLOW = private_hosts("REELGRAPH_SIGN_ON_ALLOW")
CORS_ORIGINS = listed("REELGRAPH_CORS_ORIGINS")
# Whether the editor shows its first steps to those who never had it open.
FIRST_STEPS = True
# Reports of this weight hide a template until a moderator decides. 0: never automatically.
HIDE_WEIGHT = whole_number("REELGRAPH_HIDE_WEIGHT", 6, 0, 1000)
# What pages show, and clients from /v1/announcements/active. Empty: nothing.
ANNOUNCEMENT = os.environ.get("REELGRAPH_ANNOUNCEMENT", "").strip()[:1000]
# What people read beside files that a model generated, and beside those that a program drew.
ORIGIN_LINE_AI = line("REELGRAPH_ORIGIN_LINE_AI", "Made with AI")
ORIGIN_LINE_DRAWN = line("REELGRAPH_ORIGIN_LINE_DRAWN", "Drawn by a program", may_be_empty=True)
# Where the environment says what holds, `core.server_settings` tells operators so.
SET_BY_ENVIRONMENT = frozenset(name for name in os.environ if text_of(name))
# Whether anyone may join at /sign-up, without an invitation.
OPEN_SIGNUP = whole_number("REELGRAPH_OPEN_SIGNUP", 0, 0, 1) == 1
# Who needs a code of an app beside password or link: staff for their pages, or everyone.
SECOND_FACTOR = second_factor()
# A browser session that was not used for so many days has ended.
SESSION_IDLE_DAYS = whole_number("REELGRAPH_SESSION_IDLE_DAYS", 7, 1, 14)
# What an authenticator app calls the account's server.
OTP_TOTP_ISSUER = "Reelgraph"
# Log lines for people on a terminal, for programs in files and pipes.
LOG_FORMAT = one_of(
    "REELGRAPH_LOG_FORMAT", ("json", "text"), "text" if sys.stderr.isatty() else "json"
)
# Whether runs stop where credit ends. Off: balances may fall below zero.
LIMIT_CREDIT = whole_number("REELGRAPH_LIMIT_CREDIT", 0, 0, 1) == 1
# Whether a person decides before a service is paid that may have been paid already.
ASK_BEFORE_REPAYING = whole_number("REELGRAPH_ASK_BEFORE_REPAYING", 1, 0, 1) == 1
# So many units a person may use on one UTC day. 0: as many as they like.
DAILY_UNITS = whole_number("REELGRAPH_DAILY_UNITS", 0, 0, 1_000_000_000)
# Versions of one template; then the oldest go that nothing refers to.
VERSIONS_KEPT = 500
# PATCHes of one person that follow the first within so many seconds are one version.
PATCHES_JOINED_S = 5.0
# What a person's uploads, results, versions and edits may take together. 0: no limit.
STORAGE_PER_USER_BYTES = whole_number("REELGRAPH_STORAGE_PER_USER_MB", 5_000, 0, 10**9) * 10**6
# Nothing is saved while the data folder's disk has less free: this, or 5 % of a smaller disk.
DISK_RESERVE_BYTES = whole_number("REELGRAPH_DISK_RESERVE_MB", 512, 0, 10**9) * 2**20
# Runs that are over are deleted after so many days, with what they made. 0: never.
KEEP_RUNS_DAYS = whole_number("REELGRAPH_KEEP_RUNS_DAYS", 0, 0, 36_500)
# Where backups are made each day, at this hour; "": nowhere.
BACKUP_DIR = text_of("REELGRAPH_BACKUP_DIR")
BACKUP_AT = whole_number("REELGRAPH_BACKUP_AT", 2, 0, 23)

# Services beside the studio by name, the language model too; and who is chosen for a tool or model.
# Keys in here are pydantic's SecretStr, so that nothing writes them out by accident.
PROVIDERS: dict[str, dict[str, Any]] = provider_settings.services_of_environment()
PROVIDERS_FILE = text_of("REELGRAPH_PROVIDERS_FILE")
PROVIDERS |= provider_settings.read_file(PROVIDERS_FILE)
# Where programs that serve language models listen, on 127.0.0.1; see compose.model.local_models.
LOCAL_MODEL_PORTS = {"ollama": 11434, "lm-studio": 1234, "llama-cpp": 8080}
# For all answers of the language model to one brief; then the rules' draft is given.
COMPOSE_DEADLINE_S = 300.0
PROVIDER_CHOICE = provider_settings.read_choice(text_of("REELGRAPH_PROVIDERS"))

_mail = mail_settings.read(text_of("REELGRAPH_MAIL"), text_of("REELGRAPH_MAIL_FROM"))
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.scheme == "smtp", _mail.scheme == "smtps"
DEFAULT_FROM_EMAIL = _mail.sender or "reelgraph@localhost"

SECRET_KEY = secret_key(HOME)
# Earlier ones: what they signed and sealed can still be read.
SECRET_KEY_FALLBACKS = listed("REELGRAPH_SECRET_KEY_FALLBACKS")
SECRET_KEY_FILE = None if os.environ.get("REELGRAPH_SECRET_KEY") else HOME / "secret_key"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *host_of(PUBLIC_URL)]
APPEND_SLASH = False

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_vite",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "rest_framework",
    "channels",
    "core",
    "accounts",
    "notices",
    "media",
    "tools",
    "templates_app",
    "runs",
    "creations",
    "simple_apps",
    "run_sets",
    "webhooks",
    "sign_on",
    "comments",
    "moderation",
    "compose",
    "builder",
    # Without autodiscovery: builder/staff/operator/data.py says what it shows, and to whom.
    "django.contrib.admin.apps.SimpleAdminConfig",
]

MIDDLEWARE = [
    "core.middleware.RequestId",
    "accounts.client_address.ClientMiddleware",
    # Outside all that writes: sessions and messages are kept when the view has answered.
    "core.middleware.DurableAnswers",
    # Outside all that may answer by itself, so that no page leaves without its policy.
    "core.middleware.PageSecurity",
    # Outside all that changes what a view answered.
    "core.compression.Compression",
    "django.middleware.security.SecurityMiddleware",
    "core.static_files.StaticFiles",
    "core.middleware.Cors",
    "core.middleware.BodyLimit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.signed_in.SignedInCookie",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.sessions.SessionUse",
    "accounts.authentication.SuspendedPeople",
    "accounts.factor_demand.FactorDemand",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "builder.urls"
ASGI_APPLICATION = "builder.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": database_settings.read(HOME)}
# Sessions that LISTEN connect here, if DATABASE_URL names a connection pooler.
DIRECT_DATABASE: dict[str, Any] = database_settings.direct(DATABASES["default"])
ON_POSTGRES = database_settings.is_postgres(DATABASES["default"])
if ON_POSTGRES:
    # Its tables are on Postgres only; the tables of steps are the queue on both.
    INSTALLED_APPS.append("procrastinate.contrib.django")
    PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None
    PROCRASTINATE_ON_APP_READY = "runs.dispatch.jobs.register"
CACHES = {"default": database_settings.cache(DATABASES["default"], RUN_DIR)}

# Carries hints between processes: which run or document has news. One unread hint makes a reader
# read all that is new, so a few are enough.
CHANNEL_LAYERS = {
    "default": channel_layer_settings.read(
        text_of("REELGRAPH_CHANNEL_LAYER"), database=DATABASES["default"]["ENGINE"]
    )
}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "/sign-in"
CSRF_FAILURE_VIEW = "core.http.csrf_failure"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Cookies are Secure only where the public address is https: on http a Secure cookie is dropped and
# sign-in fails silently.
_HTTPS = urlsplit(PUBLIC_URL).scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
if _HTTPS:
    # Browsers take such names only over https and for this host: no neighboring one can set them.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    SECURE_HSTS_SECONDS = 180 * 24 * 3600

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
# Names that hold a hash of their content, so that browsers keep such a file for good.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/dist/(pages/)?assets/.+-[\w-]{8}\.\w+$"
# What scripts/frontend.py built, the editor and the pages' scripts: names of files are from there.
_BUILT = {"default": "dist", "pages": "dist/pages"}
DJANGO_VITE = {
    app: {"manifest_path": BASE_DIR / f"static/{at}/.vite/manifest.json", "static_url_prefix": at}
    for app, at in _BUILT.items()
}

# Larger bodies are refused by their headers, before a byte of them is kept: `core.body_guard`.
BODY_LIMIT_BYTES = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = BODY_LIMIT_BYTES
# The largest uploaded file.
UPLOAD_LIMIT_BYTES = 500 * 1000 * 1000
# Paths with limits of their own, and which function sets each (`core.admission.Admission`).
LARGE_BODIES = {
    "/app/uploads": "builder.web.template_pages.uploads.largest_body",
    "/run-sets": "builder.web.template_pages.uploads.largest_body",
    "/uploads/": "media.upload_endpoint.largest_body",
    "/hooks/": "runs.web.hooks.largest_body",
}
# All bodies that are on their way or being read, together; and those of one address.
SPOOL_LIMIT_BYTES = 1 << 30
SPOOL_SHARE_BYTES = SPOOL_LIMIT_BYTES // 2 if PUBLIC_URL else SPOOL_LIMIT_BYTES
# The headers of a request arrive within so many seconds, and of a body so many bytes in each pace.
HEADERS_S = 20.0
# And a socket is open or refused.
HANDSHAKE_S = 20.0
BODY_PACE_S, BODY_PACE_BYTES = 10.0, 10 * 1024
# A body of at most BODY_LIMIT_BYTES is complete within this, and a second for each of these bytes.
SMALL_BODY_S, SMALL_BODY_BYTES_PER_S = 60.0, 16 * 1024
# Bodies of one address that are still on their way after BODY_LOOK_S.
BODY_LOOK_S, HALF_ARRIVED_PER_ADDRESS = 2.0, 32
# Messages to sockets: the largest, in bytes, also below single addresses; and frames a second.
SOCKET_MESSAGE_BYTES = 1 << 20
SOCKET_MESSAGE_BYTES_BELOW = {"/ws/runs/": 4 * 1024, "/ws/notices": 4 * 1024}
SOCKET_MESSAGES_PER_S = 60
JSON_DEPTH_LIMIT = 64
JSON_STRING_LIMIT = 100_000
# Top-level fields whose texts may be as long as a body: a template's drawing may hold a thumbnail,
# a chat's message a template or an image, a call of an agent a small file.
JSON_LONG_TEXT_FIELDS = frozenset({"graph", "messages", "params"})
# A template of 5,000 stages holds some 150,000 values. Millions of empty lists fit in 2 MB, and
# looking at each takes seconds.
JSON_VALUES_LIMIT = 200_000

# Limits of one person or key; bench and load tests raise them. `None` switches a rate off: no one
# but the person at the machine can reach a server bound to loopback without a public address.
STARTS_PER_MINUTE = 240 if PUBLIC_URL else None
READS_PER_MINUTE = 1200 if PUBLIC_URL else None
# The same for each network address, before anything is asked of the database: pages with what they
# call at /app, and media. Behind one address may be an office.
PAGES_PER_MINUTE = 1200 if PUBLIC_URL else None
MEDIA_PER_MINUTE = 6000 if PUBLIC_URL else None
# Wrong passwords for one name, in a quarter of an hour, before sign-in pauses.
SIGN_IN_TRIES = 10
# The same for all names together, from one network address.
SIGN_IN_TRIES_PER_ADDRESS = 100
ACTIVE_RUNS_PER_USER = 20
STREAMS_PER_USER = 50
TEMPLATES_PER_USER = 2000
# An open template in the editor, as JSON; and who may edit one together.
DOCUMENT_LIMIT_BYTES = 4 * 1024 * 1024
COLLABORATORS_LIMIT = 20
# How long single changes are kept, and how many of each document at least.
CHANGES_KEPT_DAYS = 90
CHANGES_KEPT = 1000
# What the editor knew of a deleted template; its versions stay for the runs that point at them.
DELETED_DOCUMENTS_KEPT_DAYS = 30
REPORTS_PER_HOUR = 20
KEYS_PER_USER = 50
NEW_KEYS_PER_HOUR = 30
# Apps that register from one network address, and documents of apps fetched for one person.
NEW_APPS_PER_HOUR = 60
NEW_APPS_PER_DAY = 200
# Of apps that no one connected, in all: the oldest go when another registers.
UNUSED_APPS_KEPT = 5_000
# Per network address: tries to join by an invitation or by open sign-up.
NEW_PEOPLE_PER_HOUR = 30
INVITATIONS_PER_HOUR = 60
# Mails with a link, that one person asks for or that go to one address.
MAIL_LINKS_PER_HOUR = 5
# Per network address: requests for a new password by mail.
RESETS_PER_HOUR = 30
MAX_MEDIA_REFERENCES = 50
MAX_EDGES = 20_000

# The engine's clock, in seconds.
LEASE_S = 5.0
HEARTBEAT_S = 1.0
SWEEP_S = 1.0
POLL_S = 0.25
# Before the first retry of a step; each further one waits twice as long, up to the cap.
RETRY_BASE_S = 1.0
RETRY_CAP_S = 60.0
# Event streams and sockets: a silent one shows a sign of life. Whether their credentials still hold
# is looked at for all of them together; those that were lost end within 5 s.
STREAM_HEARTBEAT_S = 15.0
STREAM_RECHECK_S = 2.0
# How long a call of tools/execute waits for its one-step run before it answers without a result.
TOOL_CALL_WAIT_S = 60.0

# The built-in studio. Tests make smaller media.
STUDIO = mediakit.job_protocol.USUAL
# The child process that decodes and renders. Address space counts mappings: a step on 4K really
# uses 2 GB at most.
SANDBOX = {
    "memory_bytes": 3 << 30,
    "file_bytes": 2 << 30,
    "open_files": 256,
    "folder_bytes": whole_number("REELGRAPH_JOB_DISK_MB", 4096, 16, 1_048_576) * 1_000_000,
    # Whether a child waits for a job of which nothing is known yet.
    "keeps_spare": True,
}
# What one job of the studio may take for each minute of 1080p, and at least.
JOB_TIMEOUT_S = whole_number("REELGRAPH_JOB_TIMEOUT_S", 300, 10, 86_400)
# Whether media are refused where this machine cannot confine that child.
SANDBOX_REQUIRED = one_of("REELGRAPH_SANDBOX", ("best", "required"), "best") == "required"
# Further packages whose functions it may run; only tests and benches set it.
SANDBOX_PREFIXES: tuple[str, ...] = ()
# Files of an owner's own certificates (PEM, the signer's first) and key that sign copies;
# "": this server makes its own.
C2PA_CHAIN, C2PA_KEY = both_or_neither("REELGRAPH_C2PA_CHAIN", "REELGRAPH_C2PA_KEY")
# Whether answers wait for a flush to the disk; only tests and benches switch it off.
FLUSH_BEFORE_TELLING = True
# Modules that declare further tools and providers; only tests and benches set it.
EXTRA_TOOL_MODULES: list[str] = []

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.PrincipalAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.authentication.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["core.http.SafeJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["core.http.JSONRenderer"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.rate_limits.KeyThrottle"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.http.AlwaysJSON",
    "EXCEPTION_HANDLER": "core.http.exception_handler",
    "UNAUTHENTICATED_USER": None,
}

LOGGING = log_settings.read(LOG_FORMAT)
