from django.urls import path

from builder.compose_pages import views

urlpatterns = [path("app/compose", views.compose, name="compose")]
