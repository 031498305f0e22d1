"""The watch room: changes on disk, told once and in full."""
