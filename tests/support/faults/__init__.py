"""Faults: killed processes, cut power and links, wrong clocks, a sandbox without a part."""
