"""The imaging room: pure functions on pixels."""
