"""What a fresh organization has of write-offs: its default type."""

from typing import Any

from receivables.customers.models import AgreementType
from receivables.writeoffs.models import WriteOffSettings


def set_up_write_offs(*, actor: Any, event: Any, subject: Any) -> None:
    """Reaction to a new organization: debt that no transaction explains goes to its ordinary write-off type."""
    ordinary = AgreementType.objects.filter(organization=subject, code="WO-STD").first()
    WriteOffSettings.objects.create(organization=subject, default_type=ordinary)
