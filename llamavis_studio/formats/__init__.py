"""The formats room: one sheet table to the text files that engines and editors read.

Writers are pure: values in, text out, equal values give equal text. No pixels, no files.
"""
