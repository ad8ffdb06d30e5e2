"""Files that belong to a payment: a remittance advice, the image of a cheque."""
