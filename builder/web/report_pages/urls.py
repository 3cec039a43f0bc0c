"""Routes for reporting content, and for reading the outcome."""

from django.urls import path

from builder.web.report_pages import views

urlpatterns = [
    path("v1/apps/<slug:slug>/reports", views.GuestReportsView.as_view()),
    path("t/<str:public_id>/report", views.report, name="report-template"),
    path("s/<str:share_id>/report", views.report_share, name="report-share"),
    path(
        "s/<str:share_id>/comments/<int:comment_id>/report",
        views.report_comment,
        name="report-comment",
    ),
    path(
        "comments/<int:comment_id>/report",
        views.report_comment,
        name="report-draft-comment",
    ),
    path("u/<str:person_id>/report", views.report_person, name="report-person"),
    path(
        "s/<str:share_id>/media/<int:position>/report",
        views.report_media,
        name="report-media",
    ),
    path("me/reports", views.my_reports, name="my-reports"),
    path("me/decisions", views.decisions, name="my-decisions"),
    path("me/decisions/<int:decision_id>", views.decision, name="my-decision"),
]
