"""Speech: who speaks, what is said, and how a synthesiser's output becomes a recording."""
