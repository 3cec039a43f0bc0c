"""Videos: reading, writing, joining, laying things over them, measuring."""
