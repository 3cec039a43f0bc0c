"""Drafting and changing templates for agents: sketches, proposals, and what became of them."""
