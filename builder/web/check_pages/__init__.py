"""The page that tells whether this server made a file."""
