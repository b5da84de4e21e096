"""Addresses of the pages of imports."""

from django.urls import path

from importing import views

app_name = "importing"

urlpatterns = [
    path("import/", views.imports, name="imports"),
    path("import/<str:import_id>/", views.show, name="import"),
    path("import/<str:import_id>/report.json", views.report, name="report"),
    path("import/<str:import_id>/stop/", views.stop, name="stop"),
]
