"""The front door: what is live, and everything else handed on to the pages. Served by uvicorn."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from nawzajem.live.door import application  # noqa: E402

__all__ = ["application"]
