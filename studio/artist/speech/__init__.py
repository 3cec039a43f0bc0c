"""Speech: who speaks, what is said, and how a synthesizer's output becomes a recording."""
