"""Exchange rates: what a currency is worth from a day on, typed, corrected and imported, with everything kept."""
