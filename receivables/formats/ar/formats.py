"""Numbers in Arabic pages use the point and the comma, as business in the Gulf does; Django's own file does not."""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
