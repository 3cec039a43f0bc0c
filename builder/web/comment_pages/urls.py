from django.urls import path

from builder.web.comment_pages import views

urlpatterns = [
    path("app/creations/<str:share_id>/comments", views.on_share, name="share-comments"),
    path("app/runs/<str:run_id>/comments", views.on_run, name="run-comments"),
    path("app/documents/<str:public_id>/comments", views.on_document, name="document-comments"),
    path("app/comments/<int:comment_id>/<str:action>", views.change, name="change-comment"),
]
