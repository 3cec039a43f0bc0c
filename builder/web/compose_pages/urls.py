from django.urls import path

from builder.web.compose_pages import describe_page, views

urlpatterns = [
    path("app/compose", views.compose, name="compose"),
    path("describe", describe_page.describe, name="describe"),
]
