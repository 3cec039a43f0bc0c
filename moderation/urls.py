"""The console, and what everyone has of moderation: reporting and hearing what came of it."""

from django.urls import path

from moderation import pages

urlpatterns = [
    path("t/<str:public_id>/report", pages.report, name="report-template"),
    path("me/reports", pages.my_reports, name="my-reports"),
    path("admin/moderation/", pages.queue, name="moderation"),
    path("admin/moderation/cases/<int:case_id>", pages.case, name="moderation-case"),
    path("admin/moderation/cases/<int:case_id>/look", pages.look, name="moderation-look"),
    path("admin/moderation/cases/<int:case_id>/decide", pages.decide, name="moderation-decide"),
    path("admin/moderation/cases/<int:case_id>/undo", pages.undo, name="moderation-undo"),
    path("admin/moderation/audit", pages.audit, name="moderation-audit"),
]
