-- +goose Up

-- Who is next: the last number given to a batch, the mark of the last
-- published one, when that was, and a number that grows with every change of
-- content. One row, whose lock makes the order of marks that of commits.
CREATE TABLE civgrid.clock (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  batch bigint NOT NULL DEFAULT 0,
  mark bigint NOT NULL DEFAULT 0,
  at bigint NOT NULL DEFAULT 0,
  revision bigint NOT NULL DEFAULT 0
);
INSERT INTO civgrid.clock DEFAULT VALUES;

-- One row for each dataset: how many rows are published, the wrapping sum of
-- their digests and the mark of the last batch that changed it.
CREATE TABLE civgrid.dataset (
  dataset text PRIMARY KEY,
  rows bigint NOT NULL DEFAULT 0,
  digest bigint NOT NULL DEFAULT 0,
  mark bigint NOT NULL DEFAULT 0
);

-- One row for each append: 0 open, 1 its rows are committed, 2 published. An
-- append that is part of an import is a chunk of it. Batches that changed
-- nothing have no mark.
CREATE TABLE civgrid.batch (
  id bigint PRIMARY KEY,
  dataset text NOT NULL,
  import text,
  number integer,
  state smallint NOT NULL DEFAULT 0,
  opened bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
  inserted bigint NOT NULL DEFAULT 0,
  replaced bigint NOT NULL DEFAULT 0,
  restamped bigint NOT NULL DEFAULT 0,
  unchanged bigint NOT NULL DEFAULT 0,
  stale bigint NOT NULL DEFAULT 0,
  digest bigint NOT NULL DEFAULT 0,
  mark bigint UNIQUE,
  at bigint,
  nonce uuid
);
CREATE UNIQUE INDEX batch_chunk ON civgrid.batch (dataset, import, number) WHERE state > 0 AND import IS NOT NULL;
CREATE INDEX batch_unpublished ON civgrid.batch (id) WHERE state < 2;
CREATE INDEX batch_at ON civgrid.batch (at);

-- The vocabulary of all code columns. A word too long for an index has its
-- digest as key and stands in long.
CREATE TABLE civgrid.word (
  id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  key text COLLATE "C" NOT NULL UNIQUE,
  long text
);

-- Every version of every community. Times are microseconds since 1970 UTC,
-- null without bound.
CREATE TABLE civgrid.community (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  code text COLLATE "C" NOT NULL,
  level text NOT NULL,
  parent text NOT NULL,
  name text NOT NULL,
  names json NOT NULL,
  population bigint,
  responsible text NOT NULL,
  valid_from bigint,
  valid_to bigint,
  outline geometry(MultiPolygon, 4326),
  digest text NOT NULL
);
CREATE UNIQUE INDEX community_version ON civgrid.community (code, coalesce(valid_from, -9223372036854775808));
CREATE INDEX community_outline ON civgrid.community USING gist (outline);

-- The outlines cut into pieces of at most 64 corners, which an index finds
-- points in several times faster.
CREATE TABLE civgrid.community_part (
  community bigint NOT NULL,
  part integer NOT NULL,
  outline geometry(Polygon, 4326) NOT NULL,
  PRIMARY KEY (community, part)
);
CREATE INDEX community_part_outline ON civgrid.community_part USING gist (outline);

-- Settings, quality reports and imports, as JSON. Position keeps the order in
-- which they first came.
CREATE TABLE civgrid.document (
  kind text NOT NULL,
  name text COLLATE "C" NOT NULL,
  position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  body json NOT NULL,
  PRIMARY KEY (kind, name)
);

-- H3 cells as bigint. Their layout is that of H3 4 (h3Index.h): the resolution
-- in bits 52 to 55, then 15 digits of 3 bits, all ones below the resolution.
CREATE FUNCTION civgrid.h3_resolution(cell bigint) RETURNS integer
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN ((cell >> 52) & 15)::integer;

-- The ancestor of a cell, for resolutions up to its own. It is not always the
-- cell that holds the same point: counts come from the cell columns.
CREATE FUNCTION civgrid.h3_parent(cell bigint, resolution integer) RETURNS bigint
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN (cell & -67553994410557441) | (resolution::bigint << 52) | ((1::bigint << (45 - 3 * resolution)) - 1);
