"""Music from words: a style is read, a score is written, instruments play it, a mix is made."""
