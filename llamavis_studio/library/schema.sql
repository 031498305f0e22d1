-- The library's index, version 1. Everything here can be made again from the files on disk: human
-- words live in sidecars, images and descriptions, and are only copied here.
-- A path is TEXT relative to its root with forward slashes, or a BLOB where it is no valid UTF-8.
-- Times are whole seconds since 1970 unless the name says _ns.

CREATE TABLE root(
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE  -- '' is the project itself, others are absolute
);

CREATE TABLE asset(
  id INTEGER PRIMARY KEY,
  root_id INTEGER NOT NULL REFERENCES root(id),
  path TEXT NOT NULL,
  -- What the disk says; a file whose row agrees is not read again.
  size_bytes INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  ctime_ns INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  hash BLOB NOT NULL,             -- blake2b of the file, 16 bytes
  -- What inspection told.
  format TEXT NOT NULL DEFAULT '',
  width INTEGER NOT NULL DEFAULT 0,  -- pixels
  height INTEGER NOT NULL DEFAULT 0,
  mode TEXT NOT NULL DEFAULT '',
  has_alpha INTEGER NOT NULL DEFAULT 0,
  pixel_art INTEGER NOT NULL DEFAULT 0,
  frames INTEGER NOT NULL DEFAULT 1,
  kind TEXT NOT NULL DEFAULT '',
  dhash INTEGER,                  -- 64 bits, signed; NULL for flat pictures and those without pixels
  seam REAL,                      -- seam score; below 1.15 it tiles
  problem TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  -- What the library knows beside.
  group_name TEXT,                -- set of maps, run of frames, sheet and table it belongs to
  role TEXT NOT NULL DEFAULT '',  -- in the group: base_color, normal ... or frame
  state TEXT NOT NULL DEFAULT '', -- of the build plan: fresh, stale ...; '' for what no one builds
  missing_since INTEGER,          -- NULL: it is there
  added INTEGER NOT NULL,
  text_id INTEGER,                -- of what search by meaning compares
  UNIQUE(root_id, path)
);
CREATE INDEX asset_hash ON asset(hash);
CREATE INDEX asset_dhash ON asset(dhash) WHERE dhash IS NOT NULL;
CREATE INDEX asset_text ON asset(text_id);
CREATE INDEX asset_kind ON asset(kind);
CREATE INDEX asset_state ON asset(state) WHERE state <> '';
CREATE INDEX asset_group ON asset(group_name) WHERE group_name IS NOT NULL;
CREATE INDEX asset_missing ON asset(missing_since) WHERE missing_since IS NOT NULL;
CREATE INDEX asset_problem ON asset(id) WHERE problem <> '';

-- Dominant colours, at most six an asset, in bins of OKLab (imaging.looks.colour_cell).
CREATE TABLE colour(
  asset_id INTEGER NOT NULL REFERENCES asset(id) ON DELETE CASCADE,
  cell INTEGER NOT NULL,
  rgb INTEGER NOT NULL,           -- 0xRRGGBB, sRGB
  share REAL NOT NULL,            -- of the picture's opaque surface
  PRIMARY KEY(asset_id, rgb)
) WITHOUT ROWID;
CREATE INDEX colour_cell ON colour(cell, share, asset_id);

-- Sentences. One shown of several: human before imported before model.
CREATE TABLE caption(
  asset_id INTEGER NOT NULL REFERENCES asset(id) ON DELETE CASCADE,
  origin TEXT NOT NULL CHECK(origin IN ('human', 'imported', 'model')),
  source TEXT NOT NULL,           -- 'description', 'user', sidecar kind, or model and revision
  text TEXT NOT NULL,
  confidence REAL,                -- 0..1; NULL where nobody can tell
  in_domain INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY(asset_id, origin, source)
) WITHOUT ROWID;
CREATE INDEX caption_origin ON caption(origin, source);

CREATE TABLE tag(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE       -- folded: lower case, NFC, single spaces
);
CREATE TABLE asset_tag(
  asset_id INTEGER NOT NULL REFERENCES asset(id) ON DELETE CASCADE,
  tag_id INTEGER NOT NULL REFERENCES tag(id),
  origin TEXT NOT NULL CHECK(origin IN ('human', 'imported', 'model')),
  source TEXT NOT NULL,           -- as in caption; 'path' for words of file and folder names
  confidence REAL,
  rejected INTEGER NOT NULL DEFAULT 0,  -- a human took it away; no model brings it back
  PRIMARY KEY(asset_id, tag_id, origin, source)
) WITHOUT ROWID;
CREATE INDEX asset_tag_tag ON asset_tag(tag_id, asset_id);

-- Words to find: names, captions, tags. Chinese characters stand apart, so that each is a word.
CREATE VIRTUAL TABLE words USING fts5(
  name, caption, tags,
  content='', contentless_delete=1, prefix='2 3 4',
  tokenize="unicode61 remove_diacritics 2"
);
-- Any part of a name, of three characters and more.
CREATE VIRTUAL TABLE parts USING fts5(
  name, caption, tags,
  content='', contentless_delete=1, detail='full', tokenize='trigram'
);
CREATE VIRTUAL TABLE vocabulary USING fts5vocab('words', 'row');

-- What sidecars and XMP said when they were read or written last.
CREATE TABLE sidecar(
  asset_id INTEGER NOT NULL REFERENCES asset(id) ON DELETE CASCADE,
  path TEXT NOT NULL,             -- in the asset's root
  size_bytes INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  hash BLOB NOT NULL,
  words TEXT NOT NULL,            -- JSON of what it said, the base of three-way merges
  problem TEXT NOT NULL DEFAULT '',
  PRIMARY KEY(asset_id, path)
) WITHOUT ROWID;

-- Which file of the game names which image.
CREATE TABLE user_file(
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE,      -- in the project
  size_bytes INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  problem TEXT NOT NULL DEFAULT ''
);
CREATE TABLE reference(
  user_id INTEGER NOT NULL REFERENCES user_file(id) ON DELETE CASCADE,
  target TEXT NOT NULL,           -- in the project
  PRIMARY KEY(user_id, target)
) WITHOUT ROWID;
CREATE INDEX reference_target ON reference(target);

-- Meaning: one vector a different text, of the text encoder that also reads prompts.
CREATE TABLE text(
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE,
  revision TEXT NOT NULL DEFAULT '',  -- of the encoder; '' while there is no vector yet
  vector BLOB                     -- int8, times 127 of the unit vector
);
CREATE INDEX text_pending ON text(revision) WHERE revision = '';
-- Signs of the vectors, to find the nearest fast; text.vector then tells how near.
CREATE VIRTUAL TABLE text_signs USING vec0(bits bit[384]);

-- Looks: what the model's image encoder sees, a row an asset.
CREATE TABLE look(
  asset_id INTEGER PRIMARY KEY REFERENCES asset(id) ON DELETE CASCADE,
  revision TEXT NOT NULL,
  vector BLOB NOT NULL            -- int8, times 127 of the unit vector
);
CREATE VIRTUAL TABLE look_signs USING vec0(bits bit[640]);

-- What can be undone, newest last.
CREATE TABLE change(
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  what TEXT NOT NULL,             -- in words
  before TEXT NOT NULL            -- JSON: the human words of each asset touched
);
