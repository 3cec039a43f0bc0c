"""The Model Context Protocol and OAuth, for agents and other programs."""
