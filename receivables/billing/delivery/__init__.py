"""Sending invoices to customers: how each wants them, the e-mails that carry them, and what became of those.

An e-mail is a `Dispatch` and a queued task, made in one transaction. The task claims the row before it hands the mail
over, so that a killed worker never sends twice: what is not certain is shown to a person instead.
"""
