"""What leaves for accounting systems: connections, mappings, and the state of every document on each connection."""

import pghistory
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import OrganizationModel


class System(models.TextChoices):
    """The accounting systems that documents are delivered to."""

    QUICKBOOKS_ONLINE = "quickbooks_online", "QuickBooks Online"
    QUICKBOOKS_DESKTOP = "quickbooks_desktop", "QuickBooks Desktop"
    BUSINESS_CENTRAL = "business_central", "Dynamics 365 Business Central"
    SAGE_INTACCT = "sage_intacct", "Sage Intacct"
    NETSUITE = "netsuite", "NetSuite"


class Kind(models.TextChoices):
    """What is delivered, in the order in which one follows from the other."""

    CUSTOMER = "customer", _("Customer")
    INVOICE = "invoice", _("Invoice")
    CREDIT_MEMO = "credit_memo", _("Credit memo")
    PAYMENT = "payment", _("Payment")
    JOURNAL = "journal", _("Journal entry")


NOTHING = "nothing"  # in place of a payload's digest: the other system is to have nothing of it


@pghistory.track(exclude=["secrets", "version"])
class Connection(OrganizationModel):
    """An organization's account with one accounting system.

    `options` are what is no secret: company, tenant, environment. `secrets` are encrypted and never shown again.
    Documents dated before `start_date` stay out of it.
    """

    class State(models.TextChoices):
        LIVE = "live", _("Live")
        PAUSED = "paused", _("Paused")
        BROKEN = "broken", _("Needs new credentials")

    system = models.CharField(_("system"), max_length=24, choices=System)
    name = models.CharField(_("name"), max_length=80)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PAUSED)
    options = models.JSONField(default=dict, blank=True)
    secrets = models.TextField(blank=True, default="")
    start_date = models.DateField(_("documents from"))
    problem = models.TextField(_("problem"), blank=True, default="")
    paused_until = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("accounting connection")
        verbose_name_plural = _("accounting connections")
        constraints = [models.UniqueConstraint("organization", Upper("name"), name="connection_name_once")]

    def __str__(self) -> str:
        return str(self.name)

    def get_absolute_url(self) -> str:
        return reverse("connection", args=[self.pk])


@pghistory.track()
class Mapping(OrganizationModel):
    """What one of our accounts, charges, taxes or terms is called on a connection.

    `local_key` is "kind:id", such as "account:12"; `remote_id` is the other system's own key.
    """

    class What(models.TextChoices):
        ACCOUNT = "account", _("GL account")
        ITEM = "item", _("Charge")
        TAX = "tax", _("Tax code")
        TERMS = "terms", _("Payment terms")

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="mappings")
    what = models.CharField(_("what"), max_length=10, choices=What)
    local_key = models.CharField(_("ours"), max_length=60)
    remote_id = models.CharField(_("theirs"), max_length=100)
    remote_name = models.CharField(_("their name"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("mapping")
        verbose_name_plural = _("mappings")
        constraints = [models.UniqueConstraint(fields=["connection", "local_key"], name="mapping_once")]

    def __str__(self) -> str:
        return f"{self.local_key} → {self.remote_name or self.remote_id}"


class Change(models.Model):
    """An event that deliveries may follow from, put here by the database with the event, taken away once looked at."""

    event_id = models.BigIntegerField(primary_key=True)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("change to be looked at")
        verbose_name_plural = _("changes to be looked at")

    def __str__(self) -> str:
        return str(self.event_id)


class Delivery(OrganizationModel):
    """The state of one of our documents on one connection.

    What is wanted is read from the document when it is sent, so that what was superseded meanwhile never leaves.
    `synced` is the snapshot that the other system has, `payload_hash` its digest, empty while it has none of it as a
    whole; `remote` what that system calls it (keys and versions). `again`: it changed while it was being sent.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        HELD = "held", _("Held")
        SENDING = "sending", _("Sending")
        SYNCED = "synced", _("Synced")
        ERROR = "error", _("Failed")
        UNCERTAIN = "uncertain", _("Uncertain")
        IGNORED = "ignored", _("Handled outside")

    class Trouble(models.TextChoices):
        NONE = "", _("None")
        RETRYABLE = "retryable", _("Tried again by itself")
        NEEDS_MAPPING = "needs_mapping", _("A mapping is missing")
        NEEDS_PERSON = "needs_person", _("Needs a person")
        PERIOD_CLOSED = "period_closed", _("Period closed")
        CONFLICT = "conflict", _("Changed over there")
        CREDENTIALS = "credentials", _("Credentials")

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="deliveries")
    kind = models.CharField(_("type"), max_length=12, choices=Kind)
    source = models.CharField(max_length=60)
    source_id = models.BigIntegerField()
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    reference = models.CharField(_("reference"), max_length=80, blank=True, default="")
    currency = CurrencyField(_("currency"))
    amount = MoneyField(_("amount"), default=0)
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.QUEUED)
    trouble = models.CharField(_("trouble"), max_length=16, choices=Trouble, blank=True, default=Trouble.NONE)
    message = models.TextField(blank=True, default="")
    system_text = models.TextField(blank=True, default="")
    fix = models.CharField(max_length=200, blank=True, default="")
    note = models.TextField(blank=True, default="")
    remote = models.JSONField(default=dict)
    synced = models.JSONField(null=True)
    payload_hash = models.CharField(max_length=64, blank=True, default="")
    pending = models.JSONField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    again = models.BooleanField(default=False)
    next_attempt_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(default=timezone.now)
    synced_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["connection", "source", "source_id"], name="delivery_once"),
            models.CheckConstraint(
                condition=~models.Q(state="synced") | ~models.Q(payload_hash=""), name="delivery_synced_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["sending", "uncertain"]) | models.Q(pending__isnull=False),
                name="delivery_says_what_it_sends",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state", "-changed_at", "-id"], name="delivery_state"),
            models.Index(fields=["connection", "customer", "state"], name="delivery_queue"),
            models.Index(fields=["organization", "source", "source_id"], name="delivery_source"),
            models.Index(
                fields=["connection", "customer", "id"],
                name="delivery_due",
                condition=models.Q(state__in=["queued", "sending", "uncertain"]),
            ),
            # By their keys: what changed over there is looked up one by one.
            GinIndex(fields=["remote"], name="delivery_remote", opclasses=["jsonb_path_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.connection}"

    def get_absolute_url(self) -> str:
        return reverse("delivery", args=[self.pk])

    def keep(self) -> None:
        """Save where it stands; what it is about never changes."""
        self.save(update_fields=MOVING)


# The columns of a delivery that follow what is sent and answered.
MOVING = (
    "reference", "currency", "amount", "state", "trouble", "message", "system_text", "fix", "note", "remote", "synced",
    "payload_hash", "pending", "attempts", "tries", "again", "next_attempt_at", "changed_at", "synced_at",
)  # fmt: skip


class Attempt(OrganizationModel):
    """One call to an accounting system, as it was: request and answer without secrets. Never changed."""

    class Outcome(models.TextChoices):
        DONE = "done", _("Done")
        FOUND = "found", _("Was there already")
        REFUSED = "refused", _("Refused")
        SILENT = "silent", _("No answer")

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="calls")
    operation = models.CharField(max_length=40)
    key = models.CharField(max_length=80, blank=True, default="")
    request = models.TextField(blank=True, default="")
    response = models.TextField(blank=True, default="")
    status = models.CharField(max_length=20, blank=True, default="")
    outcome = models.CharField(max_length=8, choices=Outcome)
    milliseconds = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        indexes = [models.Index(fields=["delivery", "-id"], name="attempt_delivery")]

    def __str__(self) -> str:
        return f"{self.operation} {self.outcome}"


class ConnectorSession(OrganizationModel):
    """A visit of QuickBooks' Web Connector: it signs in, fetches messages one by one, brings the answers, leaves.

    Only a digest of its ticket is kept. `delivery` is what the message is about that it has and has not answered yet,
    `asks` whether that asks only if something had been done, `message` what it has not fetched yet.
    """

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="sessions")
    ticket = models.CharField(max_length=64, unique=True)
    begun_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    version = models.CharField(max_length=10, blank=True, default="")
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, null=True, related_name="+")
    asks = models.BooleanField(default=False)
    message = models.TextField(blank=True, default="")
    handed_at = models.DateTimeField(null=True)
    sent = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = _("visit of the Web Connector")
        verbose_name_plural = _("visits of the Web Connector")
        constraints = [
            models.UniqueConstraint(
                "connection", condition=models.Q(ended_at__isnull=True), name="connector_session_one_open"
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.connection} {self.begun_at:%Y-%m-%d %H:%M}"
