from django.urls import path

from builder.web.notice_pages import by_mail, views

urlpatterns = [
    path("me/notices", views.notices, name="notices"),
    path("me/notices/read", views.read, name="read-notices"),
    path("me/notices/panel", views.panel, name="notices-panel"),
    path("me/notices/latest", views.latest, name="latest-notices"),
    path("me/notices/settings", views.settings_page, name="notice-settings"),
    path("me/address", by_mail.address, name="mail-address"),
    path("mail/stop/<str:token>", by_mail.stop, name="stop-mail"),
    path("mail/<str:token>", by_mail.verify, name="verify-mail"),
    path("reset", by_mail.ask_reset, name="ask-reset"),
    path("reset/<str:token>", by_mail.reset, name="reset-password"),
]
