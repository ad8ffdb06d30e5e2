from typing import Any


def job_context(actor: Any, job: Any) -> dict[str, Any]:
    return {}
