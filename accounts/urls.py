from django.urls import path

from accounts import api

urlpatterns = [path("account/me", api.Me.as_view())]
