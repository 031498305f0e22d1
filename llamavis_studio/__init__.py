"""LlamaVis Studio: game art as code. Descriptions in a project become its sprites and textures."""

__version__ = "0.1.0"
