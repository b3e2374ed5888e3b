-- +goose Up

-- Who is next: the last number given to a batch, the mark of the last
-- published one, when that was, and a number that grows with every change of
-- content, with a random name for it: a database that is put back gives the
-- numbers again. One row, whose lock makes the order of marks that of commits.
CREATE TABLE civgrid.clock (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  batch bigint NOT NULL DEFAULT 0,
  mark bigint NOT NULL DEFAULT 0,
  at bigint NOT NULL DEFAULT 0,
  revision bigint NOT NULL DEFAULT 0,
  nonce uuid NOT NULL DEFAULT gen_random_uuid()
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
  written bigint NOT NULL DEFAULT 0, -- rows
  buried bigint NOT NULL DEFAULT 0,  -- rows it replaced
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

-- The communities for people and maps: times with their zone, from 4713 BC on.
CREATE VIEW civgrid.communities AS
SELECT id, code, level, parent, name, population, responsible,
  CASE WHEN valid_from >= -210866803200000000 THEN to_timestamp(valid_from / 1000000.0) END AS valid_from,
  CASE WHEN valid_to >= -210866803200000000 THEN to_timestamp(valid_to / 1000000.0) END AS valid_to,
  outline
FROM civgrid.community;

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

-- What jobs have submitted, and what became of it: waiting until it is taken.
-- A fact is an object of the columns of its dataset; rejects name facts by
-- their place in the array, from 0. What was taken may be deleted.
CREATE TABLE civgrid.inbox (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  dataset text NOT NULL,
  source text NOT NULL,
  facts jsonb NOT NULL,
  size integer NOT NULL GENERATED ALWAYS AS (jsonb_array_length(facts)) STORED CHECK (size BETWEEN 1 AND 10000),
  bytes integer NOT NULL GENERATED ALWAYS AS (octet_length(facts::text)) STORED CHECK (bytes <= 16777216),
  submitted timestamptz NOT NULL DEFAULT clock_timestamp(),
  submitted_by text NOT NULL DEFAULT session_user,
  taken timestamptz,
  import text,
  accepted integer,
  rejected integer,
  rejects jsonb,
  error text
);
CREATE INDEX inbox_waiting ON civgrid.inbox (id) WHERE taken IS NULL;
CREATE INDEX inbox_import ON civgrid.inbox (import) WHERE import IS NOT NULL;

-- Submits facts for civgrid sync to import, and returns the number of the
-- submission, null where there are no facts. Who may do so needs USAGE of the
-- schema and EXECUTE of this, and nothing else.
-- +goose StatementBegin
CREATE FUNCTION civgrid.submit(dataset text, source text, facts jsonb) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $submit$
DECLARE
  wrong text;
  remedy text := 'SELECT civgrid.submit(''incidents'', ''hotline'', ''[{"id": "1", "reported_at": "2024-05-01T08:00:00+08:00", "lon": 116.4, "lat": 39.9}]'')';
  submission bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM civgrid.dataset d WHERE d.dataset = submit.dataset) THEN
    wrong := format('dataset %L: want one of incidents, resources, inspections', submit.dataset);
  ELSIF coalesce(btrim(submit.source, E' \t\r\n'), '') = '' THEN
    wrong := 'the source is empty';
    remedy := 'Name the system that the facts come from; ids are unique within it.';
  ELSIF length(submit.source) > 200 THEN
    wrong := format('the source has %s characters, at most 200', length(submit.source));
  ELSIF submit.facts IS NULL THEN
    wrong := 'the facts are null';
    remedy := 'jsonb_agg of no rows is null: coalesce(jsonb_agg(…), ''[]'').';
  ELSIF jsonb_typeof(submit.facts) <> 'array' THEN
    wrong := format('the facts are of type %s, want an array of objects', jsonb_typeof(submit.facts));
  ELSIF jsonb_array_length(submit.facts) > 10000 THEN
    wrong := format('%s facts, at most 10000 at one time', jsonb_array_length(submit.facts));
    remedy := 'Submit them in several parts.';
  ELSIF octet_length(submit.facts::text) > 16777216 THEN
    wrong := format('the facts take %s bytes, at most 16777216 at one time', octet_length(submit.facts::text));
    remedy := 'Submit them in several parts.';
  ELSE
    SELECT format('facts[%s] is of type %s, want an object', e.nth - 1, jsonb_typeof(e.fact)) INTO wrong
    FROM jsonb_array_elements(submit.facts) WITH ORDINALITY AS e (fact, nth)
    WHERE jsonb_typeof(e.fact) <> 'object' ORDER BY e.nth LIMIT 1;
  END IF;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION USING errcode = 'invalid_parameter_value', message = 'submit: ' || wrong, hint = remedy;
  END IF;
  IF jsonb_array_length(submit.facts) = 0 THEN
    RETURN NULL;
  END IF;
  INSERT INTO civgrid.inbox (dataset, source, facts) VALUES (submit.dataset, btrim(submit.source, E' \t\r\n'), submit.facts)
  RETURNING id INTO submission;
  PERFORM pg_notify('civgrid', 'inbox');
  RETURN submission;
END
$submit$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION civgrid.submit(text, text, jsonb) FROM PUBLIC;
