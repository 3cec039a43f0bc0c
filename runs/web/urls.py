"""`/v1/creative-agent/…`. The stream is answered beside Django, in `builder.asgi`."""

from django.urls import path

from runs.web import api

urlpatterns = [
    path("workflows", api.RunsView.as_view()),
    path("workflows/<str:run_id>", api.RunView.as_view()),
    path("workflows/<str:run_id>/events", api.RunEventsView.as_view()),
    path("workflows/<str:run_id>/cancel", api.RunCancelView.as_view()),
    path("workflows/<str:run_id>/resume", api.RunResumeView.as_view()),
    path("workflows/<str:run_id>/confirm-cost", api.RunConfirmCostView.as_view()),
    path("workflows/<str:run_id>/reseed", api.RunReseedView.as_view()),
    path("workflows/<str:run_id>/final", api.RunFinalView.as_view()),
    path("workflows/<str:run_id>/final/quote", api.RunFinalQuoteView.as_view()),
]
