"""Work on real footage: reading, writing, cutting, joining, measuring, repairing.

What the server's own jobs need of it, too, is in `mediakit`.
"""
