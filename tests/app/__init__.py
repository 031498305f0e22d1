"""The desktop studio, offscreen."""
