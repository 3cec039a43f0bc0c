"""Pages for people and visitors, a folder for each kind, and the editor's server."""
