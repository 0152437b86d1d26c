"""The evidence of an order: its rows and mails in, one readable record out; and whether a record is as it was made.

Pure: rows, record, pages, package and check are functions from data to data. `app/evidence.py` reads the store for it.
"""
