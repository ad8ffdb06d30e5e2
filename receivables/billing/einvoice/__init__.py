"""E-invoices: what was billed as a UBL 2.1 document after EN 16931, checked against its schema and rules, and kept."""
