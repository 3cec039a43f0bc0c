"""Addresses of the pages and of the browser's own routes."""

from django.urls import include, path

from builder.web import authority, short_addresses
from builder.web.answer_pages import answering
from builder.web.gallery import views as gallery
from builder.web.runs_pages import cost, deletion_views, run_list
from builder.web.runs_pages import views as runs_pages

urlpatterns = [
    path("", gallery.index, name="gallery"),
    path(".well-known/reelgraph-ca.pem", authority.certificate),
    path("help", short_addresses.show_help, name="help"),
    path("docs", short_addresses.lead_on, {"page": "help"}),
    path("login", short_addresses.lead_on, {"page": "sign-in"}),
    path("apps", short_addresses.lead_on, {"page": "my-apps"}),
    path("notices", short_addresses.lead_on, {"page": "notices"}),
    path("moderation", short_addresses.lead_on, {"page": "moderation"}),
    path("runs", short_addresses.lead_on, {"page": "my-runs", "for_visitors": "gallery"}),
    path("templates", short_addresses.lead_on, {"page": "my-templates", "for_visitors": "gallery"}),
    path("runs/<str:run_id>", runs_pages.watch, name="run"),
    path("app/runs/<str:run_id>/answer", answering.answer, name="answer-run"),
    path("app/runs/<str:run_id>/answer-link", answering.answer_link, name="answer-link"),
    path("app/runs/<str:run_id>/cancel", runs_pages.cancel, name="cancel-run"),
    path("app/runs/<str:run_id>/again", runs_pages.again, name="run-again"),
    path("app/runs/<str:run_id>/cost", cost.decide, name="run-cost"),
    path("app/runs/<str:run_id>/final", runs_pages.make_final, name="run-final"),
    path("app/runs/<str:run_id>/final/quote", runs_pages.quote_final, name="run-final-quote"),
    path("app/runs/<str:run_id>/page", runs_pages.state, name="run-page"),
    path("app/runs/<str:run_id>/preview", runs_pages.preview, name="run-preview"),
    path("app/runs/<str:run_id>/resume", answering.resume, name="resume-run"),
    path("app/runs/<str:run_id>/delete", deletion_views.delete, name="delete-run"),
    path("app/runs/keep/<str:at>", deletion_views.undo, name="undo-run-deletion"),
    path("me/runs", run_list.mine, name="my-runs"),
    path("me/runs/delete", deletion_views.choose, name="delete-runs"),
    path("", include("builder.web.account_pages.urls")),
    path("", include("builder.web.answer_pages.urls")),
    path("", include("builder.web.app_pages.urls")),
    path("", include("builder.web.app_settings.urls")),
    path("", include("builder.web.check_pages.urls")),
    path("", include("builder.web.creation_pages.urls")),
    path("", include("builder.web.comment_pages.urls")),
    path("", include("builder.web.notice_pages.urls")),
    path("", include("builder.web.people_pages.urls")),
    path("", include("builder.web.run_set_pages.urls")),
    path("", include("builder.web.template_pages.urls")),
    path("", include("builder.web.editor.urls")),
    path("", include("builder.web.compose_pages.urls")),
    path("", include("builder.staff.moderation.urls")),
    path("", include("builder.web.report_pages.urls")),
    path("", include("builder.staff.operator.urls")),
]
