"""Replay records: what a chat did, kept to be looked at again (public contract §8.4)."""
