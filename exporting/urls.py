"""Addresses of exports that pages offer."""

from django.urls import path

from exporting.comparison import views

app_name = "exporting"

urlpatterns = [
    path("compare/export.html", views.comparison_file, name="comparison"),
]
