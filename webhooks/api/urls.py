"""Addresses of webhooks on the native API."""

from django.urls import path

from webhooks.api.views import DeliveryList, Redelivery, WebhookDetail, WebhookList, WebhookTest

urlpatterns = [
    path("webhooks/", WebhookList.as_view()),
    path("webhooks/<str:webhook_id>/", WebhookDetail.as_view()),
    path("webhooks/<str:webhook_id>/test/", WebhookTest.as_view()),
    path("webhooks/<str:webhook_id>/deliveries/", DeliveryList.as_view()),
    path("webhooks/<str:webhook_id>/deliveries/<str:delivery_id>/redeliver/", Redelivery.as_view()),
]
