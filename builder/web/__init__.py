"""What people and visitors see: a folder for each kind of page, and the editor's server."""
