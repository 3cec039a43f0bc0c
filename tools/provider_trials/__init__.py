"""`manage.py providers try`: what a service for final media does, proven with a real key.

It costs money, so it is for the owner of a key. Everything is done by the provider's own code, as a
worker would, but for the queue.
"""
