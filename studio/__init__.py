"""The studio: real media on a plain CPU, drawn and synthesised, without keys or weights.

It runs in the sandbox child, which imports this package for each job, so nothing is imported here.
"""
