"""The wishes of a brief, read from its words. Pure: no Django, no models, no network."""
