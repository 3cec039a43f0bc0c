"""`/v1/apps/…`. The stream is answered beside Django, in `builder.asgi`."""

from django.urls import path

from simple_apps.web import api

urlpatterns = [
    path("<slug:slug>", api.AppView.as_view()),
    path("<slug:slug>/runs", api.GuestRunsView.as_view()),
    path("<slug:slug>/runs/<slug:token>", api.GuestRunView.as_view()),
    path("<slug:slug>/runs/<slug:token>/cancel", api.GuestRunCancelView.as_view()),
    path("<slug:slug>/runs/<slug:token>/answer", api.GuestRunReplyView.as_view()),
    path("<slug:slug>/uploads", api.GuestUploadsView.as_view()),
]
