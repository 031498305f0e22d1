"""A description is edited on disk; its picture in Blender, and a render, show it."""

import json
import os
import shutil
import socket
import time
from dataclasses import replace
from pathlib import Path

import bpy
from inside import described, pixels_of, render

STONE = described(
    "grey stone", 'kind = "material"\nsize = [32, 32]\n[material]\nmaps = ["normal"]\n'
)


def middle(pixels, size=64):
    """The mean colour of the render's middle."""
    rows = range(size // 2 - 6, size // 2 + 6)
    found = [pixels[(y * size + x) * 4 : (y * size + x) * 4 + 3] for y in rows for x in rows]
    return [sum(one[i] for one in found) / len(found) for i in range(3)]


def test_an_edit_on_disk_reaches_pixels_and_a_render(world):
    root = world.game({"floor.desc.toml": STONE})
    world.serve(root)
    world.follow(root)
    world.select("floor.desc.toml#floor")
    assert world.fields.words == "grey stone" and world.fields.kind == "material"
    bpy.context.view_layer.objects.active = bpy.data.objects["Cube"]
    bpy.data.objects["Cube"].select_set(True)
    assert bpy.ops.llamavis.build_material(projection="BOX") == {"FINISHED"}
    image = world.images.images_at(str(root / "floor.png"))[0]
    before, seen = pixels_of(image), render(world.folder / "before.png")

    (root / "floor.desc.toml").write_text(STONE.replace("grey stone", "red lava"), "utf-8")
    world.until(lambda: world.now.entry.words == "red lava", "the new words")
    world.settle()
    world.until(lambda: pixels_of(image) != before, "new pixels")
    fresh = bpy.data.images.load(str(root / "floor.png"), check_existing=False)
    assert pixels_of(image) == pixels_of(fresh)  # those of the file, read by Blender
    now = render(world.folder / "after.png")
    moved = max(abs(a - b) for a, b in zip(middle(seen), middle(now), strict=True))
    assert moved > 0.02, (middle(seen), middle(now))
    again = render(world.folder / "again.png")
    noise = max(abs(a - b) for a, b in zip(middle(again), middle(now), strict=True))
    assert noise < moved / 4  # it is the picture that changed, and not the render's grain


def test_words_are_saved_by_the_field_and_a_conflict_is_told(world):
    root = world.game({"hero.desc.toml": "# mine\n" + described("red knight")})
    world.serve(root)
    world.follow(root)
    world.select("hero.desc.toml#hero")
    world.fields.words = "蓝色 knight"
    world.fields.kind = "item"
    assert bpy.ops.llamavis.save_words() == {"FINISHED"}
    world.until(lambda: world.now.notice and world.now.notice.text == "Saved", "saved")
    text = (root / "hero.desc.toml").read_text("utf-8")
    assert text.startswith("# mine\n") and '"蓝色 knight"' in text and 'kind = "item"' in text
    world.until(lambda: world.now.entry.words == "蓝色 knight", "the list")
    world.settle()

    other = text.replace("knight", "archer")
    (root / "hero.desc.toml").write_text(other, "utf-8")  # somebody else is faster
    world.fields.words = "green knight"
    bpy.ops.llamavis.save_words()
    world.until(lambda: world.now.notice and world.now.notice.is_error, "the conflict")
    assert "nothing was overwritten" in world.now.notice.text
    assert (root / "hero.desc.toml").read_text("utf-8") == other
    bpy.ops.llamavis.reload_words()
    world.until(lambda: world.fields.words == "蓝色 archer", "the other's words")


def test_a_text_is_edited_checked_and_saved(world):
    root = world.game({"hero.desc.toml": described("red knight")})
    world.serve(root)
    world.follow(root)
    world.select("hero.desc.toml#hero")
    bpy.ops.llamavis.edit_text()
    text = bpy.data.texts["hero.desc.toml"]
    text.clear()
    text.write('description = "red knight"\nsiez = [16, 16]\n')
    bpy.ops.llamavis.save_text(name=text.name)
    world.until(lambda: world.now.notice and world.now.notice.is_error, "the mistake")
    assert world.now.notice.values["line"] == 2
    assert "siez" not in (root / "hero.desc.toml").read_text("utf-8")
    text.clear()
    text.write('description = "red knight"\nsize = [16, 16]\n')
    bpy.ops.llamavis.save_text(name=text.name)
    world.until(lambda: "size" in (root / "hero.desc.toml").read_text("utf-8"), "the file")
    world.until(lambda: world.now.entry.first.width == 16, "the new size")
    world.until(lambda: tuple(world.fields.size) == (16, 16), "the field")


def test_generate_variants_choose_lock_describe_search(world):
    root = world.game({"hero.desc.toml": described("red knight")})
    world.serve(root)
    world.follow(root)
    world.select("hero.desc.toml#hero")
    bpy.ops.llamavis.generate(scope="ALL")
    world.until(lambda: world.now.notice is not None, "the answer")
    assert world.now.notice.text.startswith("Nothing to draw")
    bpy.ops.llamavis.variants(count=3)
    world.until(lambda: len(world.now.entry.drawn) == 3, "three variants")
    world.settle()
    bpy.ops.llamavis.choose(variant=2)
    world.until(lambda: "pick" in (root / "hero.desc.toml").read_text("utf-8"), "the choice")
    world.settle()
    bpy.ops.llamavis.lock()
    world.until(lambda: world.now.entry.locked, "the lock")
    path = world.now.entry.first.path
    bpy.ops.llamavis.describe(path=path)
    world.until(lambda: path in world.now.captions, "the caption")
    assert world.now.captions[path]["tags"]
    world.fields.query = "knight"
    bpy.ops.llamavis.search()
    world.until(lambda: world.now.searched == "knight", "the search")
    assert any(hit["file"] == path for hit in world.now.hits)


def test_progress_is_seen_and_drawing_is_stopped(world):
    root = world.game({f"{i}.desc.toml": described(f"stone {i}") for i in range(3)})
    world.serve(root)
    world.follow(root)
    for i in range(3):
        # A seed of its own each, so that they are drawn one after the other; slowly.
        (root / f"{i}.desc.toml").write_text(described(f"SLOW moss {i}", f"seed = {i}\n"), "utf-8")
    world.until(lambda: world.now.drawing and world.now.total > 0, "the progress")
    bpy.ops.llamavis.cancel()
    world.until(lambda: world.now.notice and world.now.notice.text == "Stopped", "the answer")
    world.until(lambda: not world.now.drawing, "the end")
    assert any(one.state != "fresh" for one in world.now.entries.values())


def test_previews_follow_their_pictures(world):
    root = world.game({name: described(name) for name in ("hero.desc.toml", "bat.desc.toml")})
    world.serve(root)
    world.follow(root)
    picture, path = world.now.entries["hero.desc.toml#hero"].first, str(root / "hero.png")

    def shown(revision):
        world.previews.icon_of(replace(picture, revision=revision))
        return list(world.previews._Kept.collection[path].image_pixels_float)

    time_ns = (root / "hero.png").stat().st_mtime_ns // 10**9 * 10**9
    os.utime(path, ns=(time_ns, time_ns))
    before = shown(f"{time_ns:x}-1-1")
    assert sum(before) > 0
    # Within the same second, for which Blender's own thumbnails are blind.
    shutil.copyfile(root / "bat.png", path)
    os.utime(path, ns=(time_ns + 10**6, time_ns + 10**6))
    after = shown(f"{time_ns + 10**6:x}-1-1")
    assert sum(after) > 0 and after != before
    assert world.previews.icon_of(replace(picture, revision="")) == 0  # not drawn: no picture
    assert shown("no time")


def test_a_service_that_never_answers_holds_up_nothing(world):
    root = world.game({"hero.desc.toml": described("red knight")})
    with socket.create_server(("127.0.0.1", 0)) as silent:
        (root / ".llamavis").mkdir()
        told = {"api": 1, "port": silent.getsockname()[1], "token": "t"}
        (root / ".llamavis" / "service.json").write_text(json.dumps(told), "utf-8")
        world.fields.project = str(root)
        took = sorted(_timed(world, 200))
        assert took[100] < 2.0 and not world.now.is_connected
        assert world.now.close()  # both threads end although nobody answers them


def test_absent_killed_replaced_and_wrong_token(world):
    root = world.game({"hero.desc.toml": described("red knight")})
    world.fields.project = str(root)
    world.until(lambda: world.now.state == "absent", "absent")
    assert not bpy.ops.llamavis.generate.poll()
    first = world.serve(root)
    world.settle()
    first.kill()
    world.until(lambda: world.now.state == "absent", "the loss")
    image = world.images.have(str(root / "hero.png"))
    before = pixels_of(image)
    world.now.look_again = True
    world.tick()  # notes how the file is
    stale = root / ".llamavis" / "service.json"
    assert stale.exists()  # a killed one leaves it
    (root / "hero.desc.toml").write_text(described("blue knight"), "utf-8")
    second = world.serve(root)
    world.until(lambda: world.now.is_connected and world.is_settled(), "the other service")
    world.until(lambda: pixels_of(image) != before, "what changed meanwhile")
    told = second.told()
    second.kill()
    third = world.serve(root)
    good = stale.read_text("utf-8")
    stale.write_text(good.replace(third.told()["token"], told["token"]), "utf-8")
    world.until(lambda: world.now.state == "refused", "the refusal")
    stale.write_text(good, "utf-8")
    world.until(lambda: world.now.is_connected, "the key again")


def test_the_program_of_the_preferences_is_started_and_ends_with_the_project(world):
    import stat

    root = world.game({"hero.desc.toml": described("red knight")})
    told = json.loads(os.environ["LLAMAVIS_CHECK_SERVE"])
    program = world.folder / "llamavis"
    lines = [f"export {name}={json.dumps(told['env'][name])}"
             for name in ("PYTHONPATH", "LLAMAVIS_TEST_BACKENDS")]  # fmt: skip
    command = " ".join(told["command"][:-1])
    program.write_text("\n".join(["#!/bin/sh", *lines, f'exec {command} "$@"', ""]))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    world.fields.project = str(root)
    world.until(lambda: world.now.state == "absent", "absent")
    assert bpy.ops.llamavis.start() == {"CANCELLED"}
    assert "preferences" in world.now.notice.text
    settings = world.properties.preferences()
    settings.program, settings.start_automatically = str(program), True
    try:
        world.settle()
        pid = world.now.started.pid
        assert json.loads((root / ".llamavis" / "service.json").read_text())["pid"] == pid
        world.fields.project = ""
        assert world.now.started is None
        assert not Path(f"/proc/{pid}").exists()
    finally:
        settings.program, settings.start_automatically = "", False


def test_a_program_that_fails_says_why(world):
    root = world.game({"hero.desc.toml": described("red knight")})
    program = world.folder / "llamavis"
    program.write_text("#!/bin/sh\necho the disk is full >&2\nexit 3\n")
    program.chmod(0o755)
    world.fields.project = str(root)
    world.until(lambda: world.now.state == "absent", "absent")
    settings = world.properties.preferences()
    settings.program = str(program)
    try:
        bpy.ops.llamavis.start()
        world.until(lambda: world.now.notice and world.now.notice.is_error, "its end")
        assert world.now.notice.values["words"] == "the disk is full"
    finally:
        settings.program = ""


def test_a_thousand_descriptions(world):
    rows = "\n".join(f"item_{i:04},thing number {i}" for i in range(1000))
    root = world.game({"items.descs.csv": f"name,description\n{rows}\n", "floor.desc.toml": STONE})
    service = world.serve(root)
    world.fields.project = str(root)
    world.until(lambda: len(world.fields.rows) == 1001, "all rows")
    list_type = bpy.types.LLAMAVIS_UL_descriptions
    world.fields.filter_words = "number 77"
    fits = [
        key for key, one in world.now.entries.items() if world.entries.fits(one, "number 77", "")
    ]
    begun = time.perf_counter()
    flags, _ = list_type.filter_items(_Shown, None, world.fields, "rows")
    took_ms = (time.perf_counter() - begun) * 1000
    assert sum(flag != 0 for flag in flags) == len(fits) > 0
    print(f"\n1001 rows: filter {took_ms:.2f} ms")
    service.end()


class _Shown:
    bitflag_filter_item = 1 << 30


def test_the_timer_is_short(world):
    """Printed as a histogram: the numbers are for people, the machine may be busy."""
    root = world.game(
        {f"t{i:02}.desc.toml": described(f"stone {i}", "size = [256, 256]\n") for i in range(40)}
    )
    world.serve(root)
    world.follow(root)
    for i in range(40):
        world.images.have(str(root / f"t{i:02}.png"))
    for _ in range(200):
        world.tick()
    idle = _timed(world, 500)
    for i in range(40):
        # Another picture in each file, as a build leaves it.
        shutil.copyfile(root / f"t{(i + 1) % 40:02}.png", root / "one.tmp")
        (root / "one.tmp").replace(root / f"t{i:02}.png")
    one_by_one = []
    for i in range(40):
        world.now.changed[f"t{i:02}.png"] = None
        one_by_one += _timed(world, 1)
    histogram("idle", idle)
    histogram("one changed image", one_by_one)
    idle.sort()
    one_by_one.sort()
    assert idle[len(idle) // 2] < 2.0 and one_by_one[len(one_by_one) // 2] < 8.0


def _timed(world, count):
    world.sync.durations_ms.clear()
    for _ in range(count):
        world.tick()
    return list(world.sync.durations_ms)


def histogram(name, values):
    edges = (0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 1e9)
    counts = [sum(low <= v < high for v in values)
              for low, high in zip((0, *edges), edges, strict=False)]  # fmt: skip
    told = "  ".join(
        f"<{edge:g}: {count}" for edge, count in zip(edges, counts, strict=True) if count
    )
    values = sorted(values)
    print(f"\ntimer, {name} (ms): {told}; median {values[len(values) // 2]:.3f}, "
          f"p99 {values[len(values) * 99 // 100]:.3f}, most {values[-1]:.3f}")  # fmt: skip
