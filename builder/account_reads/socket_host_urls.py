"""Mounted at `/api/`: what SDKs ask the host of their socket over HTTP."""

from django.urls import path

from builder.account_reads import api

urlpatterns = [
    path("v1/models/list", api.SupportedModelsView.as_view()),
    path("v2/models/tiers", api.ModelTiersView.as_view()),
]
