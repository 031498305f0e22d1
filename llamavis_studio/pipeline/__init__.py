"""The pipeline room: descriptions to planned and built images."""
