"""Money of a customer spread over open invoices: judged under the lock, and the page where a person does it."""
