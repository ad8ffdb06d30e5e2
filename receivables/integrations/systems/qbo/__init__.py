"""QuickBooks Online: invoices are edited in place, payments deleted and made again, credits applied by payments of 0."""
