"""Numbers in Arabic pages use the point and the comma, as business in the Gulf does; Django's own file does not, and
leaves a moment to the order of American English."""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3

DATETIME_FORMAT = "j F Y، H:i"
