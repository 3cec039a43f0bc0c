"""`make contact-sheet`: what the tools make, on pages for the eye."""
