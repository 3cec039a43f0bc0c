"""The command `reelgraph` of a wheel. The server itself is in `_app`, as in a checkout."""
