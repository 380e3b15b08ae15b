"""The page of whoever runs the house: what runs by itself. No account opens it, but a link that the machine itself gave."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from nawzajem import chores
from nawzajem.ground import work
from nawzajem.ground.chores import do_soon
from nawzajem.web.doorway import Request, open_page


@open_page
def running(request: Request, work_key: str) -> HttpResponse:
    work.opened_by(work_key)
    if request.method == "POST":
        do_soon(request.POST.get("name", ""))
        messages.success(request, _("It is done as soon as a worker is free."))
        return redirect(request.path)
    jobs = sorted(chores.jobs(), key=lambda job: (not job.failures, not job.worker))  # what needs somebody comes first
    context = {
        "jobs": jobs,
        "failing": sum(job.failures > 0 for job in jobs),
        "queues": chores.queues(),
        "bare": True,
    }
    return render(request, "work/running.html", context)
