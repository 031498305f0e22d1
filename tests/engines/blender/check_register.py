"""Switching on and off, over and over, leaves nothing; names, menus and languages are there."""

import gc
import threading

import bpy
import bpy.utils.previews
import pytest
from inside import described

HANDLERS = ("load_post", "save_post", "render_init", "render_complete", "render_cancel")


def registered():
    return sorted(
        name for name in dir(bpy.types) if name.lower().startswith("llamavis") and "_" in name
    )


def counts():
    return [len(getattr(bpy.app.handlers, name)) for name in HANDLERS]


def threads():
    return [one.name for one in threading.enumerate() if one.name.startswith("llamavis")]


def test_fifty_times_on_and_off_leaves_nothing(world):
    package = world.package
    root = world.game({"hero.desc.toml": described("red knight")})
    sync, previews, session = world.sync, world.previews, world.session
    classes = registered()
    assert {"LLAMAVIS_OT_generate", "LLAMAVIS_PT_list_view", "LLAMAVIS_PT_image_image"} <= set(
        classes
    )
    package.unregister()
    assert registered() == []
    bare = counts()
    menus = len(bpy.types.TOPBAR_MT_file_import._dyn_ui_initialize())
    for _ in range(50):
        package.register()
        assert registered() == classes
        assert bpy.app.timers.is_registered(sync.tick)
        bpy.context.window_manager.llamavis.project = str(root)  # starts both threads
        assert len(threads()) == 2
        package.unregister()
        assert registered() == [] and counts() == bare and threads() == []
        assert not bpy.app.timers.is_registered(sync.tick)
        assert previews._Kept.collection is None and session.SESSION.root is None
        assert not hasattr(bpy.types.WindowManager, "llamavis")
    assert len(bpy.types.TOPBAR_MT_file_import._dyn_ui_initialize()) == menus
    gc.collect()
    package.register()


def test_a_file_in_a_project_opens_the_project(world):
    root = world.game({"hero.desc.toml": described("red knight")})
    (root / "art").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(root / "art" / "scene.blend"))
    assert world.now.root == root
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    bpy.ops.wm.open_mainfile(filepath=str(root / "art" / "scene.blend"))
    assert world.now.root == root and len(threads()) == 2


def test_the_list_is_not_written_into_files(world):
    root = world.game({"kept_nowhere.desc.toml": described("red knight")})
    world.serve(root)
    world.follow(root)
    world.tick()
    bpy.ops.wm.save_as_mainfile(filepath=str(world.folder / "a.blend"), compress=False)
    data = (world.folder / "a.blend").read_bytes()
    assert b"kept_nowhere" not in data and str(root).encode() not in data
    assert len(world.fields.rows) == 1


def test_a_bug_is_told_and_does_not_stop_the_timer(world, monkeypatch, capsys):
    def broken():
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(world.sync, "_read_again", broken)
    assert world.sync.tick() > 0
    assert "ZeroDivisionError" in capsys.readouterr().err and world.now.notice.is_error
    assert bpy.app.timers.is_registered(world.sync.tick)


def test_a_thousand_pictures_are_looked_at_a_little_at_a_time(world, monkeypatch):
    root = world.game({"hero.desc.toml": described("red knight")})
    world.serve(root)
    world.follow(root)
    data = (root / "hero.png").read_bytes()
    (root / "many").mkdir()
    for i in range(1000):
        (root / "many" / f"{i}.png").write_bytes(data)
        bpy.data.images.load(str(root / "many" / f"{i}.png"))
    for changed in ({}, {"many/7.png", "many/900.png"}):
        for name in changed:
            (root / name).write_bytes(data + b" ")  # another size
        world.now.look_again = True
        world.sync.durations_ms.clear()
        found = []
        monkeypatch.setattr(
            world.images, "follow", lambda path, to=found: to.append(path) or "same"
        )
        while world.now.look_again or world.sync._Following.to_look or world.now.changed:
            world.tick()
        assert set(found) == {str(root / name) for name in changed}
        took = sorted(world.sync.durations_ms)
        print(f"\n1000 pictures: {len(took)} calls, most {took[-1]:.2f} ms")
        assert len(took) > 1


def test_chinese(world):
    view = bpy.context.preferences.view
    before = view.language
    try:
        view.language = "zh_HANS"
    except TypeError:
        pytest.skip("this bpy was built without languages")
    try:
        assert world.texts.tr("Generate") == "生成"
        told = world.texts.said(world.session.Said("Images to draw: {count}", values={"count": 3}))
        assert "3" in told and told != "Images to draw: 3"
    finally:
        view.language = before
