from django.urls import path

from builder.web.template_pages import nearest_templates, publishing, uploads, views

urlpatterns = [
    path("t/<str:public_id>", views.show, name="template"),
    path("t/<str:public_id>/poster.svg", views.poster, name="template-poster"),
    path("t/<str:public_id>/share.png", views.share, name="template-share"),
    path("t/<str:public_id>/quote", views.quote, name="template-quote"),
    path("t/<str:public_id>/form", views.form, name="template-form"),
    path("t/<str:public_id>/fork", views.fork, name="template-fork"),
    path("t/<str:public_id>/use", nearest_templates.use, name="template-use"),
    path("t/<str:public_id>/details", views.details, name="template-details"),
    path("t/<str:public_id>/publish", publishing.publish, name="template-publish"),
    path("t/<str:public_id>/unpublish", publishing.unpublish, name="template-unpublish"),
    path("t/<str:public_id>/delete", views.delete, name="template-delete"),
    path("app/templates/nearest", nearest_templates.near_templates, name="nearest-templates"),
    path("app/uploads", uploads.upload, name="uploads"),
    path("app/uploads/<str:upload_id>", uploads.forget, name="upload"),
]
