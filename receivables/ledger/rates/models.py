"""The table of exchange rates. A rate is never changed: what corrects it is a row of its own, its next version."""

from urllib.parse import urlencode

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, ExchangeRateField
from receivables.core.models import MadeModel


class ExchangeRate(MadeModel):
    """How many units of the organization's currency one unit of `currency` is worth from a day on.

    The highest `version` of a day counts. `quoted` is the number as it was typed or published: the rate itself, or its
    inverse (`inverse`: units of `currency` for one unit of the organization's). Posted documents keep their own rate.
    """

    class Source(models.TextChoices):
        TYPED = "typed", _("Typed")
        FILE = "file", _("File")
        ECB = "ecb", _("European Central Bank")

    currency = CurrencyField(_("currency"))
    date = models.DateField(_("date"))
    version = models.PositiveIntegerField(_("version"), default=1)
    rate = ExchangeRateField(_("rate"))
    inverse = models.BooleanField(_("quoted the other way round"), default=False)
    quoted = ExchangeRateField(_("as quoted"), null=True)
    source = models.CharField(_("source"), max_length=8, choices=Source, default=Source.TYPED)
    reason = models.TextField(_("reason"), blank=True, default="")

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "currency", "date", "version"], name="exchange_rate_version_once"
            ),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="exchange_rate_positive"),
            models.CheckConstraint(
                condition=models.Q(version=1) | ~models.Q(reason=""), name="exchange_rate_correction_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.date} {self.rate}"

    def get_absolute_url(self) -> str:
        return f"{reverse('exchange_rate_history')}?{urlencode({'currency': self.currency})}"
