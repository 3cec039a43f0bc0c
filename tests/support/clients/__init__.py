"""Clients of the product: browsers, programs, agents, sockets."""
