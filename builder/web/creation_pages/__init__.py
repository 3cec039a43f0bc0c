"""The pages of creations: what a run is shared as, its embed, and the dialog that shares it."""
