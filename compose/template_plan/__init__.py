"""A plan → the stages, inputs and layout of a template. Pure: no Django, no models, no network."""
