"""Everybody's runs, for staff."""

from django.urls import path

from builder.operator import views

urlpatterns = [
    path("admin/runs/", views.runs, name="operator-runs"),
    path("admin/runs/workers", views.workers, name="operator-workers"),
    path("admin/runs/<str:run_id>", views.run, name="operator-run"),
    path("admin/runs/<str:run_id>/cancel", views.cancel, name="operator-cancel"),
    path("admin/runs/<str:run_id>/resume", views.resume, name="operator-resume"),
    path("admin/runs/<str:run_id>/retry", views.retry, name="operator-retry"),
]
