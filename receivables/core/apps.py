from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "receivables.core"
    label = "core"

    def ready(self) -> None:
        from receivables.core import catalogues, deployed, jobs
        from receivables.core.history import WORDS
        from receivables.core.registry import Action, actions

        checks.register(deployed.check_tls, checks.Tags.security, deploy=True)
        catalogues.compile_stale(settings.LOCALE_PATHS)

        def stop(actor: Any, job: Any, data: dict[str, Any]) -> tuple[Any, str]:
            return jobs.stop_job(actor=actor, job=job), ""

        actions.register(
            Action(
                verb="stop_job",
                model="core.job",
                label=_("Stop job"),
                run=stop,
                blocker=lambda job, actor: jobs.stop_job_blocker(job),
                visible=lambda job, actor: job.state in jobs.LIVE,
                confirm=lambda job, actor: {
                    "effects": [_("It ends after the batch it is at. What was saved before that stays.")]
                },
                style="outline-danger",
            )
        )
        WORDS.update(
            {
                "start_job": _("Job started"),
                "stop_job": _("Stop asked for"),
                "job_done": _("Job done"),
                "job_stopped": _("Job stopped"),
                "job_failed": _("Job failed"),
            }
        )
