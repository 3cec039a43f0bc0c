"""Sound as (2, n) float32 at 48 kHz: measuring, mixing, writing."""
