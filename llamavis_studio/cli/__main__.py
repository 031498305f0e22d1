"""`python -m llamavis_studio.cli` is the `llamavis` command."""

from __future__ import annotations

from llamavis_studio.cli import main

if __name__ == "__main__":  # a spawned model process imports this page again
    main()
