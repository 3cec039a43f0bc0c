from django.urls import path

from builder.web.compose_pages import describe_page, kept_proposal, views

urlpatterns = [
    path("app/compose", views.compose, name="compose"),
    path("app/replacements", views.count_replacements, name="count-replacements"),
    path("app/compose/<str:public_id>", kept_proposal.kept_proposal, name="kept-proposal"),
    path("describe", describe_page.describe, name="describe"),
]
