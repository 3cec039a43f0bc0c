"""Servers that speak the protocols of providers of final media, for tests.

Each runs in a test's own process (`with RouterServer() as server:`) or as a program that a storm
kills between taking a request and answering it: `python -m tests.support.fakes.makers.router_server
--journal FILE`. What was accepted is in the journal, and another start goes on from there.
"""
