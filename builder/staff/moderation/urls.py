"""The moderators' console."""

from django.urls import path

from builder.staff.moderation import appeals, audit, bulk, case, people, picks

urlpatterns = [
    path("admin/moderation/", case.queue, name="moderation"),
    path("admin/moderation/bulk", bulk.chosen, name="moderation-bulk"),
    path("admin/moderation/bulk/decide", bulk.decide, name="moderation-bulk-decide"),
    path("admin/moderation/open", case.open_case, name="moderation-open"),
    path("admin/moderation/cases/<int:case_id>", case.case, name="moderation-case"),
    path("admin/moderation/cases/<int:case_id>/look", case.look, name="moderation-look"),
    path("admin/moderation/cases/<int:case_id>/decide", case.decide, name="moderation-decide"),
    path("admin/moderation/cases/<int:case_id>/undo", case.undo, name="moderation-undo"),
    path("admin/moderation/cases/<int:case_id>/claim", case.claim, name="moderation-claim"),
    path("admin/moderation/cases/<int:case_id>/notes", case.note, name="moderation-note"),
    path("admin/moderation/appeals", appeals.waiting, name="moderation-appeals"),
    path("admin/moderation/appeals/<int:appeal_id>", appeals.answer, name="moderation-answer"),
    path("admin/moderation/people/", people.search, name="moderation-people"),
    path("admin/moderation/people/<str:public_id>", people.person, name="moderation-person"),
    path(
        "admin/moderation/people/<str:public_id>/case",
        people.open_case,
        name="moderation-person-case",
    ),
    path("admin/moderation/picks", picks.pick, name="moderation-pick"),
    path("admin/moderation/audit", audit.audit, name="moderation-audit"),
    path("admin/moderation/audit.csv", audit.audit_csv, name="moderation-audit-csv"),
    path("admin/moderation/audit.json", audit.audit_json, name="moderation-audit-json"),
]
