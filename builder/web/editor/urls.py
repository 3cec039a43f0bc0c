from django.urls import path

from builder.web.editor import documents, media, running, uses, views

urlpatterns = [
    path("t/<str:public_id>/edit", views.edit, name="editor"),
    path("app/tools", views.tools, name="tools"),
    path("app/media", media.media, name="media"),
    path("app/documents/<str:public_id>", documents.document, name="document"),
    path("app/documents/<str:public_id>/changes", documents.changes, name="document-changes"),
    path("app/documents/<str:public_id>/issues", running.issues, name="document-issues"),
    path("app/documents/<str:public_id>/versions", documents.versions, name="document-versions"),
    path(
        "app/documents/<str:public_id>/versions/<int:number>",
        documents.version,
        name="document-version",
    ),
    path("app/documents/<str:public_id>/publish", documents.publish, name="document-publish"),
    path("app/documents/<str:public_id>/people", documents.people, name="document-people"),
    path("app/documents/<str:public_id>/quote", running.quote, name="document-quote"),
    path("app/documents/<str:public_id>/runs", running.document_runs, name="document-runs"),
    path("app/documents/<str:public_id>/preview", running.preview, name="document-preview"),
    path("app/documents/<str:public_id>/uses", uses.use, name="document-uses"),
    path("app/documents/<str:public_id>/uses/newer", uses.newer, name="document-use-newer"),
    path("app/documents/<str:public_id>/uses/inside", uses.inside, name="document-use-inside"),
    path("app/documents/<str:public_id>/uses/unpack", uses.unpacking, name="document-use-unpack"),
    path("app/documents/<str:public_id>/uses/bundle", uses.bundle, name="document-use-bundle"),
    path(
        "app/documents/<str:public_id>/uses/unbundle", uses.unbundling, name="document-use-unbundle"
    ),
    path(
        "app/documents/<str:public_id>/uses/collapse", uses.collapsing, name="document-use-collapse"
    ),
    path("app/documents/<str:public_id>/uses/choices", uses.choices, name="document-use-choices"),
    path("app/runs/<str:run_id>/state", running.run_state, name="run-state"),
]
