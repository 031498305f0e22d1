"""What people do with descriptions as files: rename, move, duplicate, remove, lock, variants.

actions   says what is to change, as a `FilesChange`
draft     collects the files of one change
beside    knows which files belong to an image
moving    drafts a move: `places` says where to, `pins` what keeps the pictures as they are,
          `following` and `game_files` what names them
applying  carries a change out, or takes it back; `journal` and `recovering` carry on after a kill
"""
