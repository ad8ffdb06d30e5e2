"""Where the settings site finds the pages of this package."""

from receivables.credit_control.monitor.admin import CriterionAdmin

__all__ = ["CriterionAdmin"]
