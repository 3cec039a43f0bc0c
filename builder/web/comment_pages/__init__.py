"""Comments on the pages of creations and runs, and on the stages of a draft."""
