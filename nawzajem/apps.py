"""The one Django app."""

from django.apps import AppConfig


class Nawzajem(AppConfig):
    name = "nawzajem"
    verbose_name = "Nawzajem"
