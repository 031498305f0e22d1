"""The jobs room: units of work, their queue and the one worker thread."""
