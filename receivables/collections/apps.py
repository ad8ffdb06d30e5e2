from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CollectionsConfig(AppConfig):
    name = "receivables.collections"
    label = "collections"

    def ready(self) -> None:
        from receivables.collections import actions, differences, panels, resolution_pages
        from receivables.collections.asking import drop_asked, release_pay_off
        from receivables.collections.attachments.actions import register as register_attachments
        from receivables.collections.bounce_fees.actions import register as register_bounce_fees
        from receivables.collections.distribution.ready import register as register_distribution
        from receivables.collections.excess.actions import register as register_excess
        from receivables.collections.held.ready import register as register_held
        from receivables.collections.recoveries.ready import register as register_recoveries
        from receivables.collections.resolution import finish_resolution
        from receivables.collections.setup import set_up_bank, set_up_pay_offs
        from receivables.collections.short_payments import ready
        from receivables.collections.tax_relief.ready import register as register_tax_relief
        from receivables.collections.unapplied.ready import register as register_unapplied
        from receivables.collections.wizard import shown
        from receivables.core import history
        from receivables.core.registry import reactions

        reactions.on("create_organization", set_up_bank)
        reactions.on("create_organization", set_up_pay_offs)
        reactions.on("approve_request", finish_resolution)
        reactions.on("approve_request", release_pay_off)
        reactions.on("delete_payment", drop_asked)
        reactions.on("bounce_payment", drop_asked)
        actions.register()
        panels.register()
        differences.register()
        resolution_pages.register()
        shown.register()
        ready.register()
        register_unapplied()
        register_distribution()
        register_recoveries()
        register_held()
        register_tax_relief()
        register_bounce_fees()
        register_excess()
        register_attachments()
        history.WORDS.update(
            {
                "record_payment": _("Payment recorded"),
                "pay_bill": _("Difference settled after approval"),
                "reverse_pay_off": _("Settled difference reversed"),
                "delete_payment": _("Payment deleted"),
                "bounce_payment": _("Payment bounced"),
                "charge_bounce_fee": _("Fee charged for a bounced payment"),
                "reverse_bounce_fee": _("Fee reversed"),
                "resolve_short_payment": _("Short payment resolved"),
                "take_payment_off": _("Payment taken off the invoice"),
                "put_payment_back": _("Payment put back on the invoice"),
                "undo_resolution": _("Resolution of the short payment undone"),
            }
        )
