from django.urls import path

from builder.editor import documents, views

urlpatterns = [
    path("t/<str:public_id>/edit", views.edit, name="editor"),
    path("app/tools", views.tools, name="tools"),
    path("app/documents/<str:public_id>", documents.document, name="document"),
    path("app/documents/<str:public_id>/changes", documents.changes, name="document-changes"),
    path("app/documents/<str:public_id>/issues", documents.issues, name="document-issues"),
    path("app/documents/<str:public_id>/versions", documents.versions, name="document-versions"),
    path(
        "app/documents/<str:public_id>/versions/<int:number>",
        documents.version,
        name="document-version",
    ),
    path("app/documents/<str:public_id>/publish", documents.publish, name="document-publish"),
    path("app/documents/<str:public_id>/people", documents.people, name="document-people"),
]
