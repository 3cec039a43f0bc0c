from django.urls import path

from accounts import api

urlpatterns = [
    path("account/me", api.Me.as_view()),
    path("account/balance", api.BalanceView.as_view()),
    path("account/login", api.Login.as_view()),
    path("account/refresh-token", api.RefreshToken.as_view()),
    path("account/logout", api.Logout.as_view()),
    path("account/nonce", api.Nonce.as_view()),
]
