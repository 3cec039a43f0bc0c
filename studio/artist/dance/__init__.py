"""Dancing: moves, the nine choreographies, who dances, and where."""
