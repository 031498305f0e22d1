# SPDX-License-Identifier: GPL-3.0-or-later
"""LlamaVis for Blender: a game project's descriptions in the sidebar, its images kept up to date.

client (threads) -> queue -> sync (timer, main thread) -> images, materials, panels
"""

import bpy

from . import operators, panels, previews, properties, scene_operators, sync, texts

_CLASSES = (*operators.CLASSES, *scene_operators.CLASSES, *panels.CLASSES)


def register() -> None:
    """Switch on."""
    texts.register()
    properties.register()
    previews.register()
    for one in _CLASSES:
        bpy.utils.register_class(one)
    bpy.types.TOPBAR_MT_file_import.append(scene_operators.menu)
    sync.register()


def unregister() -> None:
    """Leave nothing: no class, no timer, no handler, no picture, no thread."""
    sync.unregister()
    bpy.types.TOPBAR_MT_file_import.remove(scene_operators.menu)
    for one in reversed(_CLASSES):
        bpy.utils.unregister_class(one)
    previews.unregister()
    properties.unregister()
    texts.unregister()
