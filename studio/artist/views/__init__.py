"""A picture's subject seen from elsewhere: angles, zoom, an orbit."""
