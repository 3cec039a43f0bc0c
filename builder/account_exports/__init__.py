"""Exports of a person's own work: made by workers in the background, sent as zips.

`account_export` is the row's and the folder's life, `account_data` what is in it, `making` what a
worker does, and `download` the app that sends it.
"""
