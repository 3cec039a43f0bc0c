"""Chats that last: a run of the kind `chat` with one step a round; see docs/decisions/0038."""
