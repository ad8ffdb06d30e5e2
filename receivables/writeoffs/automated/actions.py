"""What can be clicked on accounts, write-off processes and their events."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.pages import amount_text
from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.customers.models import Account
from receivables.writeoffs.automated import mailing, operations
from receivables.writeoffs.automated.forms import (
    AddEventForm,
    ChangeEventForm,
    CreateProcessForm,
    ReasonForm,
    candidates,
)
from receivables.writeoffs.automated.models import LetterMail, ProcessEvent, WriteOffProcess
from receivables.writeoffs.automated.reading import linked, owed
from receivables.writeoffs.automated.rules import (
    add_process_event_blocker,
    cancel_process_event_blocker,
    cancel_write_off_process_blocker,
    change_process_event_blocker,
    complete_to_do_blocker,
    create_write_off_process_blocker,
    retry_letter_blocker,
)

ACCOUNT, PROCESS, EVENT = "customers.account", "automated.writeoffprocess", "automated.processevent"


def _create_visible(account: Account, actor: Any) -> bool:
    return bool(candidates(actor, account).exists())


def _create_blocker(account: Account, actor: Any) -> Blocker | None:
    return None if _create_visible(account, actor) else create_write_off_process_blocker(chosen=[])


def _create(actor: Any, account: Account, data: dict[str, Any]) -> tuple[Any, str]:
    chosen = [each.pk for each in data["agreements"]]
    process = operations.create_write_off_process(
        actor=actor, account=account, agreements=chosen, template=data["template"]
    )
    return process, _("The process has begun. Its first events happen when the activator runs.")


def _confirm_create(account: Account, actor: Any) -> dict[str, Any]:
    return {
        "facts": [{"label": _("Account"), "value": account}],
        "effects": [
            _("The template's events are dated from today; nothing is written off before its day."),
            _("An agreement that is paid leaves the process by itself."),
        ],
        "submit_label": _("Begin"),
    }


def _is_active(process: WriteOffProcess, actor: Any) -> bool:
    return process.state == WriteOffProcess.State.ACTIVE


def _cancel_blocker(process: WriteOffProcess, actor: Any) -> Blocker | None:
    return cancel_write_off_process_blocker(active=_is_active(process, actor))


def _cancel(actor: Any, process: WriteOffProcess, data: dict[str, Any]) -> tuple[Any, str]:
    return operations.cancel_write_off_process(actor=actor, process=process, **data), _("The process is cancelled.")


def _confirm_cancel(process: WriteOffProcess, actor: Any) -> dict[str, Any]:
    return {
        "facts": [
            {"label": _("Account"), "value": process.account},
            {"label": _("Owed now"), "value": amount_text(actor, owed(linked(process)), process.currency)},
        ],
        "effects": [
            _("Events that are still to come are cancelled, and so is a referral; what is done stays."),
            _("The monitor may begin another process. To prevent that, postpone the account."),
        ],
        "tone": "warning",
    }


def _add_blocker(process: WriteOffProcess, actor: Any) -> Blocker | None:
    return add_process_event_blocker(active=_is_active(process, actor))


def _add(actor: Any, process: WriteOffProcess, data: dict[str, Any]) -> tuple[Any, str]:
    event = operations.add_process_event(actor=actor, process=process, **data)
    return event, _("Added: %(event)s.") % {"event": event.get_kind_display()}


def _change_blocker(event: ProcessEvent, actor: Any) -> Blocker | None:
    return change_process_event_blocker(state=event.state)


def _can_change(event: ProcessEvent, actor: Any) -> bool:
    return _change_blocker(event, actor) is None


def _change(actor: Any, event: ProcessEvent, data: dict[str, Any]) -> tuple[Any, str]:
    return operations.change_process_event(actor=actor, event=event, **data), _("The event is changed.")


def _cancel_event_blocker(event: ProcessEvent, actor: Any) -> Blocker | None:
    return cancel_process_event_blocker(state=event.state)


def _can_cancel(event: ProcessEvent, actor: Any) -> bool:
    return _cancel_event_blocker(event, actor) is None


def _cancel_event(actor: Any, event: ProcessEvent, data: dict[str, Any]) -> tuple[Any, str]:
    return operations.cancel_process_event(actor=actor, event=event, **data), _("The event is cancelled.")


def _about_event(event: ProcessEvent, actor: Any) -> dict[str, Any]:
    return {
        "facts": [
            {"label": _("Event"), "value": event.get_kind_display()},
            {"label": _("Account"), "value": event.process.account},
        ]
    }


def _to_do_blocker(event: ProcessEvent, actor: Any) -> Blocker | None:
    is_to_do = event.kind == "to_do" and event.state == ProcessEvent.State.DONE
    return complete_to_do_blocker(is_to_do=is_to_do, handled=event.handled_on is not None)


def _can_complete(event: ProcessEvent, actor: Any) -> bool:
    return _to_do_blocker(event, actor) is None


def _complete(actor: Any, event: ProcessEvent, data: dict[str, Any]) -> tuple[Any, str]:
    return operations.complete_to_do(actor=actor, event=event, **data), _("Done.")


def _confirm_to_do(event: ProcessEvent, actor: Any) -> dict[str, Any]:
    facts = _about_event(event, actor)["facts"]
    return {"facts": [*facts, {"label": _("To do"), "value": event.text}]}


def _mail_of(event: ProcessEvent) -> LetterMail | None:
    return getattr(event, "mail", None)


def _letter_blocker(event: ProcessEvent, actor: Any) -> Blocker | None:
    mail = _mail_of(event)
    return retry_letter_blocker(
        state=mail.state if mail is not None else "", ended=not _is_active(event.process, actor)
    )  # fmt: skip


def _can_retry(event: ProcessEvent, actor: Any) -> bool:
    return _letter_blocker(event, actor) is None


def _confirm_letter(event: ProcessEvent, actor: Any) -> dict[str, Any]:
    mail = _mail_of(event)
    return {
        "facts": [
            {"label": _("To"), "value": ", ".join(mail.to)},
            {"label": _("What happened"), "value": mail.error},
        ]
        if mail is not None
        else [],
        "effects": [_("The same letter is handed to the mail server again.")],
    }


def _retry_letter(actor: Any, event: ProcessEvent, data: dict[str, Any]) -> tuple[Any, str]:
    mailing.retry_letter(actor=actor, event=event)
    return event, _("The letter is on its way again.")


def register() -> None:
    """Called once, when the application is ready."""
    for action in (
        Action(
            "create_write_off_process", ACCOUNT, gettext_lazy("Begin write-off process"), _create, CreateProcessForm,
            _create_blocker, _create_visible, _confirm_create,
        ),
        Action(
            "cancel_write_off_process", PROCESS, gettext_lazy("Cancel process"), _cancel, ReasonForm, _cancel_blocker,
            _is_active, _confirm_cancel, style="outline-danger",
        ),
        Action(
            "add_process_event", PROCESS, gettext_lazy("Add event"), _add, AddEventForm, _add_blocker, _is_active,
            style="primary",
        ),
        Action(
            "change_process_event", EVENT, gettext_lazy("Change"), _change, ChangeEventForm, _change_blocker,
            _can_change, _about_event, style="secondary",
        ),
        Action(
            "cancel_process_event", EVENT, gettext_lazy("Cancel event"), _cancel_event, None, _cancel_event_blocker,
            _can_cancel, _about_event, style="quiet",
        ),
        Action(
            "complete_to_do", EVENT, gettext_lazy("Tick off"), _complete, None, _to_do_blocker, _can_complete,
            _confirm_to_do, style="secondary",
        ),
        Action(
            "retry_letter", EVENT, gettext_lazy("Send the letter again"), _retry_letter, None, _letter_blocker,
            _can_retry, _confirm_letter, style="secondary",
        ),
    ):  # fmt: skip
        actions.register(action)
