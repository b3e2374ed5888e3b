-- +goose Up

-- The tables of OGC GeoPackage 1.3 (OGC 12-128r17), annex C.
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL,
  srs_id INTEGER PRIMARY KEY,
  organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL,
  definition TEXT NOT NULL,
  description TEXT
);
INSERT INTO gpkg_spatial_ref_sys VALUES
  ('Undefined Cartesian', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
  ('Undefined geographic', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),
  ('WGS 84 geodetic', 4326, 'EPSG', 4326, 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]', 'longitude and latitude on the WGS 84 ellipsoid');

CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY,
  data_type TEXT NOT NULL,
  identifier TEXT UNIQUE,
  description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE,
  min_y DOUBLE,
  max_x DOUBLE,
  max_y DOUBLE,
  srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id)
);
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL,
  m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id)
);

-- Every version of every community. Times are microseconds since 1970 UTC,
-- null without bound. Not STRICT, which knows no geometry types.
CREATE TABLE community (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  geom MULTIPOLYGON,
  code TEXT NOT NULL,
  level TEXT NOT NULL,
  parent TEXT NOT NULL,
  name TEXT NOT NULL,
  names TEXT NOT NULL,
  population INTEGER,
  responsible TEXT NOT NULL,
  valid_from INTEGER,
  valid_to INTEGER,
  digest TEXT NOT NULL
);
CREATE UNIQUE INDEX community_version ON community(code, ifnull(valid_from, -9223372036854775808));
INSERT INTO gpkg_contents(table_name, data_type, identifier, description, srs_id)
  VALUES ('community', 'features', 'community', 'governed areas, all versions', 4326);
INSERT INTO gpkg_geometry_columns VALUES ('community', 'geom', 'MULTIPOLYGON', 4326, 0, 0);

-- Everything below is civgrid's own.

-- One row for every writing transaction. at never runs backwards.
CREATE TABLE civgrid_change (
  number INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  what TEXT NOT NULL
) STRICT;

-- One row for each opening of the file that changed something: its first
-- change and a random name. A copy that is written to goes on under another
-- name than the file it was copied from.
CREATE TABLE civgrid_session (
  number INTEGER PRIMARY KEY,
  nonce TEXT NOT NULL
) STRICT;

-- One row for each dataset: how many rows it has, the highest seq given, the
-- wrapping sum of the rows' digests and the change that last wrote to it.
CREATE TABLE civgrid_dataset (
  dataset TEXT PRIMARY KEY,
  rows INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL DEFAULT 0,
  digest INTEGER NOT NULL DEFAULT 0,
  changed INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- The parts of imports that are kept.
CREATE TABLE civgrid_chunk (
  dataset TEXT NOT NULL,
  import TEXT NOT NULL,
  number INTEGER NOT NULL,
  inserted INTEGER NOT NULL,
  replaced INTEGER NOT NULL,
  restamped INTEGER NOT NULL,
  unchanged INTEGER NOT NULL,
  stale INTEGER NOT NULL,
  PRIMARY KEY (dataset, import, number)
) STRICT, WITHOUT ROWID;

-- The vocabulary of all code columns; ids are dense from 1.
CREATE TABLE civgrid_word (
  id INTEGER PRIMARY KEY,
  word TEXT NOT NULL UNIQUE
) STRICT;

-- Settings, reports and imports, as JSON.
CREATE TABLE civgrid_document (
  position INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (kind, name)
) STRICT;
