"""The bell and its list, how someone wants to hear of what, and what the links in mail open."""
