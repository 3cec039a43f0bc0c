"""Still pictures as (h, w, 3 or 4) uint8: selecting, repairing, reshaping, measuring, writing."""
