"""Several machines on one: network namespaces, joined by a bridge, with the product's processes.

namespaces: the machines and their links. relay: is before Postgres and breaks connections.
machines: which processes run where, kept running. service, tools: a paid service and its provider.
storm, checks: faults by seed, and what became of the runs. Needs root and `ip` (iproute2).
"""
