"""Working on still pictures that exist: retouching, repainting, mending, enlarging."""
