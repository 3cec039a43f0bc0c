from django.urls import path

from builder.web.creation_pages import embeds, lists, share_form, views

urlpatterns = [
    path("creations", lists.creations, name="creations"),
    path("u/<str:person_id>", lists.author, name="author"),
    path("s/<str:share_id>", views.show, name="creation"),
    path("s/<str:share_id>/qr.svg", views.qr, name="creation-qr"),
    path("s/<str:share_id>/like", views.like, name="creation-like"),
    path("s/<str:share_id>/remix", views.remix, name="creation-remix"),
    path("embed/<str:share_id>", embeds.embed, name="embed"),
    path("oembed", embeds.oembed, name="oembed"),
    path("app/runs/<str:run_id>/share", share_form.share, name="share-run"),
    path("app/runs/<str:run_id>/unshare", share_form.unshare, name="unshare-run"),
]
