"""The console, and what everyone has of moderation: reporting and hearing what came of it."""

from django.urls import path

from moderation import pages, report_pages

urlpatterns = [
    path("t/<str:public_id>/report", report_pages.report, name="report-template"),
    path("s/<str:share_id>/report", report_pages.report_share, name="report-share"),
    path(
        "s/<str:share_id>/comments/<int:comment_id>/report",
        report_pages.report_comment,
        name="report-comment",
    ),
    path(
        "comments/<int:comment_id>/report",
        report_pages.report_comment,
        name="report-draft-comment",
    ),
    path("me/reports", report_pages.my_reports, name="my-reports"),
    path("admin/moderation/", pages.queue, name="moderation"),
    path("admin/moderation/cases/<int:case_id>", pages.case, name="moderation-case"),
    path("admin/moderation/cases/<int:case_id>/look", pages.look, name="moderation-look"),
    path("admin/moderation/cases/<int:case_id>/decide", pages.decide, name="moderation-decide"),
    path("admin/moderation/cases/<int:case_id>/undo", pages.undo, name="moderation-undo"),
    path("admin/moderation/picks", pages.pick, name="moderation-pick"),
    path("admin/moderation/audit", pages.audit, name="moderation-audit"),
]
