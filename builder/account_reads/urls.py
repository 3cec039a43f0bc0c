"""Mounted at `/v1/`."""

from django.urls import path

from builder.account_reads import api

urlpatterns = [
    path("subscriptions/status", api.SubscriptionView.as_view()),
    path("announcements/active", api.AnnouncementsView.as_view()),
    path("models", api.ModelsView.as_view()),
    path("models/<path:model_id>", api.ModelView.as_view()),
    path("model-catalog", api.ModelCatalogView.as_view()),
    path("loras/comfy", api.LorasView.as_view()),
    path("loras/personal", api.LorasView.as_view()),
    path("loras/personal/catalog", api.LorasView.as_view()),
]
