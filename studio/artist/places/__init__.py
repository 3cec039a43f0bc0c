"""Where a scene is set. A file per kind of place; each paints what is around a figure."""
