"""`/v1/webhooks/…`"""

from django.urls import path

from webhooks import api

urlpatterns = [path("secret", api.SecretView.as_view())]
