from django.urls import path

from builder.web.run_set_pages import views

urlpatterns = [
    path("t/<str:public_id>/table", views.choose_table, name="run-table"),
    path("run-sets", views.my_sets, name="run-sets"),
    path("run-sets/<str:set_id>", views.show, name="run-set"),
    path("run-sets/<str:set_id>/do", views.act, name="run-set-do"),
    path("run-sets/<str:set_id>/answers", views.answer, name="run-set-answers"),
    path("run-sets/<str:set_id>/live", views.live, name="run-set-live"),
    path("run-sets/<str:set_id>/rows/<int:position>", views.change_row, name="run-set-row"),
    path("run-sets/<str:set_id>/table.csv", views.download_csv, name="run-set-csv"),
]
