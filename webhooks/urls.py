"""Addresses of the pages of webhooks."""

from django.urls import path

from webhooks import views

app_name = "webhooks"

urlpatterns = [
    path("webhooks/", views.webhooks, name="webhooks"),
    path("webhooks/new/", views.add, name="add"),
    path("webhooks/<str:webhook_id>/", views.show, name="webhook"),
    path("webhooks/<str:webhook_id>/edit/", views.edit, name="edit"),
    path("webhooks/<str:webhook_id>/status/", views.set_status, name="status"),
    path("webhooks/<str:webhook_id>/test/", views.test, name="test"),
    path("webhooks/<str:webhook_id>/delete/", views.delete, name="delete"),
    path("webhooks/<str:webhook_id>/deliveries/<str:delivery_id>/again/", views.deliver_again, name="again"),
]
