"""What people do with descriptions as files: rename, duplicate, remove, lock, ask for variants.

actions   says what is to change, as a `FilesChange`
draft     collects the files of one change
beside    knows which files belong to an image
applying  carries a change out, or takes it back
"""
