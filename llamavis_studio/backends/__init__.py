"""The backends room: what turns requests into images and captions."""
