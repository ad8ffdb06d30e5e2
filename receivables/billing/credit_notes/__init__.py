"""Credit notes: documents that take something off invoices that were issued, and the reasons for differences."""
