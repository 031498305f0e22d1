"""Pictures of the window, to be looked at: `python -m tests.screenshots OUT [--only NAME]`."""
