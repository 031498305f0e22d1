"""Measurements: ratios taken in one run, with a control that compares a thing with itself."""
