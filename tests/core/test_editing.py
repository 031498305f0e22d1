from __future__ import annotations

import pytest

from llamavis_studio.core.description import read_descriptions
from llamavis_studio.core.editing import write_back
from llamavis_studio.core.errors import DescriptionError


def test_comments_order_and_line_ends_stay(tmp_path):
    path = tmp_path / "a.desc.toml"
    before = '# first\r\ndescription = "red"  # why\r\nseed = 3\r\n\r\n# last\r\n'
    path.write_bytes(b"\xef\xbb\xbf" + before.encode())
    write_back(path, {"description": "blue", "seed": None, "size": (8, 8)})
    data = path.read_bytes()
    assert data.startswith(b'\xef\xbb\xbf# first\r\ndescription = "blue"  # why\r\n')
    assert b"# last\r\n" in data
    assert b"\n" not in data.replace(b"\r\n", b"")
    (asset,) = read_descriptions(path)
    assert (asset.description.seed, asset.description.size) == (None, (8, 8))


def test_one_asset_of_many_is_changed(tmp_path):
    path = tmp_path / "m.descs.toml"
    path.write_text('[[asset]]\nname = "a"\ndescription = "x"  # keep\n'
                    '[[asset]]\nname = "b"\ndescription = "y"\n')  # fmt: skip
    write_back(path, {"description": "z"}, name="b")
    assert path.read_text().startswith('[[asset]]\nname = "a"\ndescription = "x"  # keep\n')
    assert [a.description.description for a in read_descriptions(path)] == ["x", "z"]


def test_one_row_of_a_table_is_changed_and_the_others_keep_their_bytes(tmp_path):
    path = tmp_path / "m.descs.csv"
    rows = [
        "name,description,size\n",
        '"a" , "quoted oddly",\n'.replace(" ,", ",").replace(", ", ","),
        'b,"two\nlines",8x8\n',
        "c,x,\n",
    ]
    path.write_text("".join(rows))
    write_back(path, {"description": "new, words", "size": [16, 4]}, name="b")
    assert path.read_text() == rows[0] + rows[1] + 'b,"new, words",16x4\n' + rows[3]


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"seed": -1}, "at least 0"), ({"colour": "red"}, "unknown key"), ({"count": 99}, "64")],
)
def test_a_change_that_would_break_the_file_is_refused(tmp_path, changes, words):
    path = tmp_path / "a.desc.toml"
    path.write_text('description = "x"\n')
    with pytest.raises(DescriptionError, match=words) as caught:
        write_back(path, changes)
    assert caught.value.path == path
    assert path.read_text() == 'description = "x"\n'
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.desc.toml"]
