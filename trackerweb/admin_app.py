"""Django's admin with our site."""

from django.contrib.admin.apps import AdminConfig


class CleanUpConfig(AdminConfig):
    """The admin, whose site is the clean-up desk."""

    default = False
    default_site = "trackerweb.admin_site.CleanUpSite"
