"""Mounted at `/v1/`."""

from django.urls import path

from compose.chat_runs import api as chat_runs
from compose.replay import api as replay
from compose.web.execute import ExecuteView

urlpatterns = [
    path("creative-agent/tools/execute", ExecuteView.as_view()),
    path("replay/records", replay.ReplayRecordsView.as_view()),
    path("replay/records/<str:record_id>", replay.ReplayRecordView.as_view()),
    path("chat/runs", chat_runs.ChatRunsView.as_view()),
    path("chat/runs/<str:chat_id>", chat_runs.ChatRunView.as_view()),
    path("chat/runs/<str:chat_id>/events", chat_runs.ChatRunEventsView.as_view()),
    path("chat/runs/<str:chat_id>/cancel", chat_runs.ChatRunCancelView.as_view()),
    path("chat/runs/<str:chat_id>/confirm-cost", chat_runs.ChatRunConfirmCostView.as_view()),
]
