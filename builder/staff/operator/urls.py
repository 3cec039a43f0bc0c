"""Pages for staff: the index of the consoles, all runs, workers, providers and mail."""

from django.urls import path

from builder.staff.operator import (
    backup_views,
    final_media,
    health_views,
    limit_views,
    model_views,
    server_views,
    service_views,
    views,
)
from builder.staff.operator.people import lists, person_views
from builder.staff.operator.people import views as people_views

INVITATIONS = "admin:accounts_onetimelink_changelist"
urlpatterns = [
    path("admin/", views.index, name="admin"),
    path("admin/data/", lists.site.urls),
    path("admin/runs/", views.runs, name="operator-runs"),
    path("admin/workers", views.workers, name="operator-workers"),
    path("admin/server", server_views.server, name="operator-server"),
    path("admin/server/sign-on/try", server_views.try_sign_on, name="operator-try-sign-on"),
    path("admin/server/health", health_views.health, name="operator-health"),
    path("admin/backups", backup_views.backups, name="operator-backups"),
    path("admin/backups/make", backup_views.make, name="operator-backup-make"),
    path("admin/backups/take-over", backup_views.take_over, name="operator-take-over"),
    path("admin/providers", limit_views.providers, name="operator-providers"),
    path("admin/providers/add", service_views.add, name="operator-service-add"),
    path("admin/providers/models", model_views.look, name="operator-models"),
    path("admin/providers/models/take", model_views.take, name="operator-model-take"),
    path("admin/providers/try", service_views.try_out, name="operator-service-try"),
    path("admin/providers/<str:name>/service", service_views.edit, name="operator-service"),
    path("admin/providers/<str:name>/turn", service_views.turn, name="operator-service-turn"),
    path("admin/providers/<str:name>/delete", service_views.delete, name="operator-service-delete"),
    path(
        "admin/providers/<str:name>/test-image",
        final_media.make_test_image,
        name="operator-service-image",
    ),
    path(
        "admin/providers/<str:name>/test-image/<str:run_id>",
        final_media.test_image,
        name="operator-service-image-state",
    ),
    path("admin/providers/<str:name>/people", service_views.people, name="operator-people-of"),
    path("admin/providers/<str:name>/pause", limit_views.pause, name="operator-limit-pause"),
    path("admin/providers/<str:name>/resume", limit_views.resume, name="operator-limit-resume"),
    path("admin/providers/<str:name>/limits", limit_views.numbers, name="operator-limit-numbers"),
    # An address of earlier releases; before the run that could be called so.
    path("admin/runs/workers", views.led_to("operator-workers")),
    path("admin/runs/<str:run_id>", views.run, name="operator-run"),
    path("admin/runs/<str:run_id>/cancel", views.cancel, name="operator-cancel"),
    path("admin/runs/<str:run_id>/resume", views.resume, name="operator-resume"),
    path("admin/runs/<str:run_id>/retry", views.retry, name="operator-retry"),
    path("admin/runs/<str:run_id>/look", views.look, name="operator-look"),
    path("admin/people", people_views.people, name="operator-people"),
    path("admin/people/new", people_views.new_account, name="operator-new-account"),
    # Before the person who could be called so.
    path("admin/people/invitations", views.led_to(INVITATIONS)),
    path("admin/people/<str:public_id>", person_views.show, name="operator-person"),
    path("admin/people/<str:public_id>/credit", person_views.credit, name="operator-credit"),
    path("admin/people/<str:public_id>/limits", person_views.limits, name="operator-limits"),
    path("admin/people/<str:public_id>/rename", person_views.rename, name="operator-rename"),
    path("admin/people/<str:public_id>/link/<str:kind>", person_views.link, name="operator-link"),
    path(
        "admin/people/<str:public_id>/do/<str:action>",
        person_views.confirm,
        name="operator-confirm",
    ),
    # Addresses of earlier releases.
    path("me/invitations", views.led_to(INVITATIONS)),
    path("admin/mail", views.led_to("admin:notices_mail_changelist")),
    path("admin/roles", views.led_to("admin:roles_changelist")),
    # As people type them.
    path("admin/people/", views.led_to("operator-people")),
    path("admin/roles/", views.led_to("admin:roles_changelist")),
    path("admin", views.led_to("admin")),
    path("admin/runs", views.led_to("operator-runs")),
    path("admin/data", views.led_to("admin:index")),
    path("admin/providers/", views.led_to("operator-providers")),
    path("admin/mail/", views.led_to("admin:notices_mail_changelist")),
    path("admin/server/", views.led_to("operator-server")),
    path("admin/workers/", views.led_to("operator-workers")),
    path("admin/moderation", views.led_to("moderation")),
]
