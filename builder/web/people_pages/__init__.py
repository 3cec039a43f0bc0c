"""Blocking and muting people, from their page or a comment, and the list of both."""
