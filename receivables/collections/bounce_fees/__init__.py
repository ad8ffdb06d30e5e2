"""The fee that a customer is charged for a payment that bounced."""
