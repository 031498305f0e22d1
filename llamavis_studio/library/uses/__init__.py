"""Where an asset is used: readers of the files that game engines and editors keep."""
