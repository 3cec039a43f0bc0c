from django.urls import path

from builder.web.check_pages import views

urlpatterns = [path("check", views.check, name="check")]
