"""The library's search: `parse` a query into a tree, `search` a page of what it finds.

text -> lexer -> parser -> tree -> sql (a visitor) -> search; `spelling` helps where nothing is
found.
"""
