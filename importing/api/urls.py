"""Addresses of imports on the native API."""

from django.urls import path

from importing.api.views import ImportDetail, ImportList

urlpatterns = [
    path("imports/", ImportList.as_view()),
    path("imports/<str:import_id>/", ImportDetail.as_view()),
]
