"""Mounted at `/v1/`."""

from django.urls import path

from compose.web.execute import ExecuteView

urlpatterns = [
    path("creative-agent/tools/execute", ExecuteView.as_view()),
]
