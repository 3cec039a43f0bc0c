"""`/v1/run-sets…`. The stream is answered beside Django, in `builder.asgi`."""

from django.urls import path

from run_sets.web import api

urlpatterns = [
    path("", api.SetsView.as_view()),
    path("/<slug:set_id>", api.SetView.as_view()),
    path("/<slug:set_id>/rows", api.RowsView.as_view()),
    path("/<slug:set_id>/rows/<slug:position>", api.RowView.as_view()),
    path("/<slug:set_id>/questions", api.QuestionsView.as_view()),
    path("/<slug:set_id>/answers", api.AnswersView.as_view()),
    path("/<slug:set_id>/start", api.StartView.as_view()),
    path("/<slug:set_id>/pause", api.PauseView.as_view()),
    path("/<slug:set_id>/resume", api.ResumeView.as_view()),
    path("/<slug:set_id>/retry", api.RetryView.as_view()),
    path("/<slug:set_id>/cancel", api.CancelView.as_view()),
]
