from django.urls import path

from builder.web.people_pages import views

urlpatterns = [
    path("me/people", views.people, name="people"),
    path("u/<str:person_id>/block", views.block, name="block-person"),
    path("u/<str:person_id>/mute", views.mute, name="mute-person"),
    path("u/<str:person_id>/undo", views.undo, name="undo-person"),
    path("app/comments/<int:comment_id>/author/block", views.block_author, name="block-author"),
    path("app/comments/<int:comment_id>/author/mute", views.mute_author, name="mute-author"),
]
