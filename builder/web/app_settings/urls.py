from django.urls import path

from builder.web.app_settings import guest_links, views

urlpatterns = [
    path("t/<str:public_id>/app", guest_links.share_template, name="share-app"),
    path("me/apps", views.my_apps, name="my-apps"),
    path("me/apps/<slug:slug>", views.settings, name="app-settings"),
    path("me/apps/<slug:slug>/end", views.end, name="end-app"),
    path("me/apps/<slug:slug>/links", guest_links.add_link, name="app-links"),
    path("me/apps/<slug:slug>/links/<int:link_id>/end", guest_links.end_link, name="end-link"),
    path("me/apps/<slug:slug>/look", guest_links.look_as_guest, name="app-look"),
    path("me/apps/<slug:slug>/preview", views.preview, name="app-preview"),
    path("me/apps/<slug:slug>/runs/<str:run_id>/keep", views.keep_run, name="keep-guest-run"),
    path("me/apps/<slug:slug>/version", views.use_newest, name="app-version"),
]
