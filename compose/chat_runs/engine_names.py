"""The names by which the engine of runs knows chats."""

from typing import Final

# The kind of the runs, and that of their steps.
CHAT: Final = "chat"
ROUND: Final = "round"
# By this name a chat's step waits for the ends of runs; see `OwnStep.awaits`.
SOURCE: Final = "chat"
