"""What a brief asks for, read from its words. Pure: no Django, no models, no network."""
