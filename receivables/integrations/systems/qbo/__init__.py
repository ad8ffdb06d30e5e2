"""QuickBooks Online: invoices are edited in place, payments deleted, credits applied by payments of 0."""
