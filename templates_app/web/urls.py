"""Mounted at `/v1/creative-agent/workflows/`, before the routes of single workflows."""

from django.urls import path

from templates_app.web import api

urlpatterns = [
    path("templates", api.TemplatesView.as_view()),
    path("templates/<str:public_id>", api.TemplateView.as_view()),
    path("templates/<str:public_id>/fork", api.ForkView.as_view()),
]
