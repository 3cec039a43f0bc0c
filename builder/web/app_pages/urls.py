from django.urls import path

from builder.web.app_pages import views

urlpatterns = [
    path("a/<slug:slug>", views.show, name="app"),
    path("a/<slug:slug>/embed", views.embed, name="app-embed"),
    path("a/<slug:slug>/form", views.form, name="app-form"),
    path("a/<slug:slug>/undrawn", views.undrawn, name="app-undrawn"),
    path("a/<slug:slug>/runs", views.start, name="app-start"),
]
