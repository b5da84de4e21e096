"""Every address of Trackerweb."""

from django.urls import include, path

handler400 = "trackerweb.errors.bad_request"
handler404 = "trackerweb.errors.not_found"
handler500 = "trackerweb.errors.server_error"

urlpatterns = []
