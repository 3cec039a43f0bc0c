"""Work on real footage: reading, writing, cutting, joining, measuring, repairing.

The guarded decoders (`decode`), frames in standard colors (`frames`), the encoder (`encoding`) and
the types of files (`file_type`) are here and nowhere else. `media.sandbox` imports them for its own
jobs: it confines code that decodes, and the studio is that code, so the arrow points from the
sandbox to the studio.
"""
