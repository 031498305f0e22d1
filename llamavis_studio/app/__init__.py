"""The desktop studio: a window over `Studio`, which runs in a thread of its own."""
