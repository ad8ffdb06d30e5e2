"""Customers and open invoices from a file: read, understood, checked, posted, as one verb.

`files` and `workbooks` read any file into rows of cells, `fields` and `parsing` understand them, `checking` compares
them with what is there, `posting` writes them set-based, `operations` is the verb, `runs` is what page, job and
command share.
"""
