"""Scenes: from a brief to layers, to a picture or a film of them."""
