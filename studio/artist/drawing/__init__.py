"""What everything is drawn with: figures, layers, the camera, effects, the finish."""
