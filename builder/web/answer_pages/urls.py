from django.urls import path

from builder.web.answer_pages import views

urlpatterns = [path("answer/<str:token>", views.answer, name="answer")]
