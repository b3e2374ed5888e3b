
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

CREATE SCHEMA civgrid;

CREATE FUNCTION civgrid.h3_parent(cell bigint, resolution integer) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (((cell & '-67553994410557441'::bigint) | ((resolution)::bigint << 52)) | (((1)::bigint << (45 - (3 * resolution))) - 1));

CREATE FUNCTION civgrid.h3_resolution(cell bigint) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (((cell >> 52) & (15)::bigint))::integer;

CREATE FUNCTION civgrid.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  RAISE EXCEPTION USING errcode = 'insufficient_privilege', message = 'documents are kept for good: ' || TG_OP || ' of civgrid.' || TG_TABLE_NAME || ' is refused';
END
$$;

CREATE FUNCTION civgrid.submit(dataset text, source text, facts jsonb) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE civgrid.archive (
    kind text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    body text NOT NULL COLLATE pg_catalog."C",
    recorded bigint NOT NULL
);

ALTER TABLE civgrid.archive ALTER COLUMN "position" ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME civgrid.archive_position_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE civgrid.batch (
    id bigint NOT NULL,
    dataset text NOT NULL,
    import text,
    number integer,
    state smallint DEFAULT 0 NOT NULL,
    opened bigint DEFAULT ((EXTRACT(epoch FROM clock_timestamp()) * (1000000)::numeric))::bigint NOT NULL,
    inserted bigint DEFAULT 0 NOT NULL,
    replaced bigint DEFAULT 0 NOT NULL,
    restamped bigint DEFAULT 0 NOT NULL,
    unchanged bigint DEFAULT 0 NOT NULL,
    stale bigint DEFAULT 0 NOT NULL,
    digest bigint DEFAULT 0 NOT NULL,
    written bigint DEFAULT 0 NOT NULL,
    buried bigint DEFAULT 0 NOT NULL,
    mark bigint,
    at bigint,
    nonce uuid
);

CREATE TABLE civgrid.clock (
    one boolean DEFAULT true NOT NULL,
    batch bigint DEFAULT 0 NOT NULL,
    mark bigint DEFAULT 0 NOT NULL,
    at bigint DEFAULT 0 NOT NULL,
    revision bigint DEFAULT 0 NOT NULL,
    nonce uuid DEFAULT gen_random_uuid() NOT NULL,
    CONSTRAINT clock_one_check CHECK (one)
);

CREATE TABLE civgrid.community (
    id bigint NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    level text NOT NULL,
    parent text NOT NULL,
    name text NOT NULL,
    names json NOT NULL,
    population bigint,
    responsible text NOT NULL,
    valid_from bigint,
    valid_to bigint,
    outline public.geometry(MultiPolygon,4326),
    digest text NOT NULL
);

CREATE VIEW civgrid.communities AS
 SELECT community.id,
    community.code,
    community.level,
    community.parent,
    community.name,
    community.population,
    community.responsible,
        CASE
            WHEN (community.valid_from >= '-210866803200000000'::bigint) THEN to_timestamp((((community.valid_from)::numeric / 1000000.0))::double precision)
            ELSE NULL::timestamp with time zone
        END AS valid_from,
        CASE
            WHEN (community.valid_to >= '-210866803200000000'::bigint) THEN to_timestamp((((community.valid_to)::numeric / 1000000.0))::double precision)
            ELSE NULL::timestamp with time zone
        END AS valid_to,
    community.outline
   FROM civgrid.community;

ALTER TABLE civgrid.community ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME civgrid.community_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE civgrid.community_part (
    community bigint NOT NULL,
    part integer NOT NULL,
    outline public.geometry(Polygon,4326) NOT NULL
);

CREATE TABLE civgrid.dataset (
    dataset text NOT NULL,
    rows bigint DEFAULT 0 NOT NULL,
    digest bigint DEFAULT 0 NOT NULL,
    mark bigint DEFAULT 0 NOT NULL
);

CREATE TABLE civgrid.document (
    kind text NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    body json NOT NULL
);

ALTER TABLE civgrid.document ALTER COLUMN "position" ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME civgrid.document_position_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE civgrid.inbox (
    id bigint NOT NULL,
    dataset text NOT NULL,
    source text NOT NULL,
    facts jsonb NOT NULL,
    size integer GENERATED ALWAYS AS (jsonb_array_length(facts)) STORED NOT NULL,
    bytes integer GENERATED ALWAYS AS (octet_length((facts)::text)) STORED NOT NULL,
    submitted timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    submitted_by text DEFAULT SESSION_USER NOT NULL,
    taken timestamp with time zone,
    import text,
    accepted integer,
    rejected integer,
    rejects jsonb,
    error text,
    CONSTRAINT inbox_bytes_check CHECK ((bytes <= 16777216)),
    CONSTRAINT inbox_size_check CHECK (((size >= 1) AND (size <= 10000)))
);

ALTER TABLE civgrid.inbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME civgrid.inbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE civgrid.incident (
    seq bigint NOT NULL,
    source integer NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    updated_at bigint,
    kind integer,
    category integer,
    subcategory integer,
    channel integer,
    responsible integer,
    status integer NOT NULL,
    outcome integer,
    duplicate_of text,
    reported_at bigint NOT NULL,
    responded_at bigint,
    closed_at bigint,
    due_at bigint,
    verdict integer,
    severity integer,
    duty_grid integer,
    accepted_at bigint,
    registered_at bigint,
    dispatched_at bigint,
    disposed_at bigint,
    checked_at bigint,
    extended_due_at bigint,
    limit_amount double precision,
    limit_unit integer,
    pauses text,
    reworks bigint,
    reports bigint,
    callback_valid integer,
    contacted integer,
    solved integer,
    satisfaction integer,
    location integer NOT NULL,
    lon double precision,
    lat double precision,
    crs_given integer,
    x_given double precision,
    y_given double precision,
    address text,
    community_given integer,
    community integer,
    cell_8 bigint,
    cell_9 bigint,
    attributes text,
    long_id text,
    content bigint NOT NULL,
    stamped bigint NOT NULL,
    recorded bigint NOT NULL,
    changed bigint NOT NULL
);

CREATE TABLE civgrid.incident_past (
    seq bigint NOT NULL,
    source integer NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    updated_at bigint,
    kind integer,
    category integer,
    subcategory integer,
    channel integer,
    responsible integer,
    status integer NOT NULL,
    outcome integer,
    duplicate_of text,
    reported_at bigint NOT NULL,
    responded_at bigint,
    closed_at bigint,
    due_at bigint,
    verdict integer,
    severity integer,
    duty_grid integer,
    accepted_at bigint,
    registered_at bigint,
    dispatched_at bigint,
    disposed_at bigint,
    checked_at bigint,
    extended_due_at bigint,
    limit_amount double precision,
    limit_unit integer,
    pauses text,
    reworks bigint,
    reports bigint,
    callback_valid integer,
    contacted integer,
    solved integer,
    satisfaction integer,
    location integer NOT NULL,
    lon double precision,
    lat double precision,
    crs_given integer,
    x_given double precision,
    y_given double precision,
    address text,
    community_given integer,
    community integer,
    cell_8 bigint,
    cell_9 bigint,
    attributes text,
    long_id text,
    content bigint NOT NULL,
    stamped bigint NOT NULL,
    recorded bigint NOT NULL,
    changed bigint NOT NULL,
    replaced bigint NOT NULL
);

CREATE SEQUENCE civgrid.incident_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE civgrid.word (
    id integer NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    long text
);

CREATE VIEW civgrid.incidents AS
 SELECT f.seq,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.source)) AS source,
    COALESCE(f.long_id, f.id) AS id,
        CASE
            WHEN (f.updated_at >= '-210866803200000000'::bigint) THEN to_timestamp((((f.updated_at)::numeric / 1000000.0))::double precision)
            ELSE NULL::timestamp with time zone
        END AS updated_at,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.kind)) AS kind,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.category)) AS category,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.subcategory)) AS subcategory,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.channel)) AS channel,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.responsible)) AS responsible,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.status)) AS status,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.outcome)) AS outcome,
    f.duplicate_of,
        CASE
            WHEN (f.reported_at >= '-210866803200000000'::bigint) THEN to_timestamp((((f.reported_at)::numeric / 1000000.0))::double precision)
            ELSE NULL::timestamp with time zone
        END AS reported_at,
        CASE
            WHEN (f.responded_at >= '-210866803200000000'::bigint) THEN to_timestamp((((f.responded_at)::numeric / 1000000.0))::double precision)
            ELSE NULL::timestamp with time zone
        END AS responded_at,
        CASE
            WHEN (f.closed_at >= '-210866803200000000'::bigint) THEN to_timestamp((((f.closed_at)::numeric / 1000000.0))::double precision)
            ELSE NULL::timestamp with time zone
        END AS closed_at,
        CASE
            WHEN (f.due_at >= '-210866803200000000'::bigint) THEN to_timestamp((((f.due_at)::numeric / 1000000.0))::double precision)
            ELSE NULL::timestamp with time zone
        END AS due_at,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.verdict)) AS verdict,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.location)) AS location,
    f.lon,
    f.lat,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.crs_given)) AS crs_given,
    f.x_given,
    f.y_given,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.community_given)) AS community_given,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.community)) AS community,
    to_hex(f.cell_8) AS cell_8,
    to_hex(f.cell_9) AS cell_9,
    (
        CASE
            WHEN (((f.lon >= ('-180'::integer)::double precision) AND (f.lon <= (180)::double precision)) AND ((f.lat >= ('-90'::integer)::double precision) AND (f.lat <= (90)::double precision))) THEN public.st_setsrid(public.st_makepoint(f.lon, f.lat), 4326)
            ELSE NULL::public.geometry
        END)::public.geometry(Point,4326) AS geom,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.severity)) AS severity,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.duty_grid)) AS duty_grid,
        CASE
            WHEN (f.accepted_at >= '-210866803200000000'::bigint) THEN to_timestamp((((f.accepted_at)::numeric / 1000000.0))::double precision)
            ELSE NULL::timestamp with time zone
        END AS accepted_at,
        CASE
            WHEN (f.registered_at >= '-210866803200000000'::bigint) THEN to_timestamp((((f.registered_at)::numeric / 1000000.0))::double precision)
            ELSE NULL::timestamp with time zone
        END AS registered_at,
        CASE
            WHEN (f.dispatched_at >= '-210866803200000000'::bigint) THEN to_timestamp((((f.dispatched_at)::numeric / 1000000.0))::double precision)
            ELSE NULL::timestamp with time zone
        END AS dispatched_at,
        CASE
            WHEN (f.disposed_at >= '-210866803200000000'::bigint) THEN to_timestamp((((f.disposed_at)::numeric / 1000000.0))::double precision)
            ELSE NULL::timestamp with time zone
        END AS disposed_at,
        CASE
            WHEN (f.checked_at >= '-210866803200000000'::bigint) THEN to_timestamp((((f.checked_at)::numeric / 1000000.0))::double precision)
            ELSE NULL::timestamp with time zone
        END AS checked_at,
        CASE
            WHEN (f.extended_due_at >= '-210866803200000000'::bigint) THEN to_timestamp((((f.extended_due_at)::numeric / 1000000.0))::double precision)
            ELSE NULL::timestamp with time zone
        END AS extended_due_at,
    f.limit_amount,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.limit_unit)) AS limit_unit,
    f.pauses,
    f.reworks,
    f.reports,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.callback_valid)) AS callback_valid,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.contacted)) AS contacted,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.solved)) AS solved,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.satisfaction)) AS satisfaction
   FROM civgrid.incident f;

CREATE TABLE civgrid.inspection (
    seq bigint NOT NULL,
    source integer NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    updated_at bigint,
    campaign integer,
    channel integer,
    point text,
    point_type integer,
    item integer,
    result integer,
    score double precision,
    max_score double precision,
    found bigint,
    responsible integer,
    inspected_at bigint NOT NULL,
    rectify_due_at bigint,
    rectified_at bigint,
    standard integer,
    severity integer,
    deduction double precision,
    rechecked_at bigint,
    recheck integer,
    incident text,
    location integer NOT NULL,
    lon double precision,
    lat double precision,
    crs_given integer,
    x_given double precision,
    y_given double precision,
    address text,
    community_given integer,
    community integer,
    cell_8 bigint,
    cell_9 bigint,
    attributes text,
    long_id text,
    content bigint NOT NULL,
    stamped bigint NOT NULL,
    recorded bigint NOT NULL,
    changed bigint NOT NULL
);

CREATE TABLE civgrid.inspection_past (
    seq bigint NOT NULL,
    source integer NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    updated_at bigint,
    campaign integer,
    channel integer,
    point text,
    point_type integer,
    item integer,
    result integer,
    score double precision,
    max_score double precision,
    found bigint,
    responsible integer,
    inspected_at bigint NOT NULL,
    rectify_due_at bigint,
    rectified_at bigint,
    standard integer,
    severity integer,
    deduction double precision,
    rechecked_at bigint,
    recheck integer,
    incident text,
    location integer NOT NULL,
    lon double precision,
    lat double precision,
    crs_given integer,
    x_given double precision,
    y_given double precision,
    address text,
    community_given integer,
    community integer,
    cell_8 bigint,
    cell_9 bigint,
    attributes text,
    long_id text,
    content bigint NOT NULL,
    stamped bigint NOT NULL,
    recorded bigint NOT NULL,
    changed bigint NOT NULL,
    replaced bigint NOT NULL
);

CREATE SEQUENCE civgrid.inspection_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE VIEW civgrid.inspections AS
 SELECT f.seq,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.source)) AS source,
    COALESCE(f.long_id, f.id) AS id,
        CASE
            WHEN (f.updated_at >= '-210866803200000000'::bigint) THEN to_timestamp((((f.updated_at)::numeric / 1000000.0))::double precision)
            ELSE NULL::timestamp with time zone
        END AS updated_at,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.campaign)) AS campaign,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.channel)) AS channel,
    f.point,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.point_type)) AS point_type,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.item)) AS item,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.result)) AS result,
    f.score,
    f.max_score,
    f.found,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.responsible)) AS responsible,
        CASE
            WHEN (f.inspected_at >= '-210866803200000000'::bigint) THEN to_timestamp((((f.inspected_at)::numeric / 1000000.0))::double precision)
            ELSE NULL::timestamp with time zone
        END AS inspected_at,
        CASE
            WHEN (f.rectify_due_at >= '-210866803200000000'::bigint) THEN to_timestamp((((f.rectify_due_at)::numeric / 1000000.0))::double precision)
            ELSE NULL::timestamp with time zone
        END AS rectify_due_at,
        CASE
            WHEN (f.rectified_at >= '-210866803200000000'::bigint) THEN to_timestamp((((f.rectified_at)::numeric / 1000000.0))::double precision)
            ELSE NULL::timestamp with time zone
        END AS rectified_at,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.location)) AS location,
    f.lon,
    f.lat,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.crs_given)) AS crs_given,
    f.x_given,
    f.y_given,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.community_given)) AS community_given,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.community)) AS community,
    to_hex(f.cell_8) AS cell_8,
    to_hex(f.cell_9) AS cell_9,
    (
        CASE
            WHEN (((f.lon >= ('-180'::integer)::double precision) AND (f.lon <= (180)::double precision)) AND ((f.lat >= ('-90'::integer)::double precision) AND (f.lat <= (90)::double precision))) THEN public.st_setsrid(public.st_makepoint(f.lon, f.lat), 4326)
            ELSE NULL::public.geometry
        END)::public.geometry(Point,4326) AS geom,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.standard)) AS standard,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.severity)) AS severity,
    f.deduction,
        CASE
            WHEN (f.rechecked_at >= '-210866803200000000'::bigint) THEN to_timestamp((((f.rechecked_at)::numeric / 1000000.0))::double precision)
            ELSE NULL::timestamp with time zone
        END AS rechecked_at,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.recheck)) AS recheck,
    f.incident
   FROM civgrid.inspection f;

CREATE TABLE civgrid.resource (
    seq bigint NOT NULL,
    source integer NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    updated_at bigint,
    kind integer,
    name text,
    status integer,
    owner integer,
    capacity double precision,
    valid_from bigint,
    valid_to bigint,
    service_radius double precision,
    location integer NOT NULL,
    lon double precision,
    lat double precision,
    crs_given integer,
    x_given double precision,
    y_given double precision,
    address text,
    community_given integer,
    community integer,
    cell_8 bigint,
    cell_9 bigint,
    attributes text,
    long_id text,
    content bigint NOT NULL,
    stamped bigint NOT NULL,
    recorded bigint NOT NULL,
    changed bigint NOT NULL
);

CREATE TABLE civgrid.resource_past (
    seq bigint NOT NULL,
    source integer NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    updated_at bigint,
    kind integer,
    name text,
    status integer,
    owner integer,
    capacity double precision,
    valid_from bigint,
    valid_to bigint,
    service_radius double precision,
    location integer NOT NULL,
    lon double precision,
    lat double precision,
    crs_given integer,
    x_given double precision,
    y_given double precision,
    address text,
    community_given integer,
    community integer,
    cell_8 bigint,
    cell_9 bigint,
    attributes text,
    long_id text,
    content bigint NOT NULL,
    stamped bigint NOT NULL,
    recorded bigint NOT NULL,
    changed bigint NOT NULL,
    replaced bigint NOT NULL
);

CREATE SEQUENCE civgrid.resource_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE VIEW civgrid.resources AS
 SELECT f.seq,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.source)) AS source,
    COALESCE(f.long_id, f.id) AS id,
        CASE
            WHEN (f.updated_at >= '-210866803200000000'::bigint) THEN to_timestamp((((f.updated_at)::numeric / 1000000.0))::double precision)
            ELSE NULL::timestamp with time zone
        END AS updated_at,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.kind)) AS kind,
    f.name,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.status)) AS status,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.owner)) AS owner,
    f.capacity,
        CASE
            WHEN (f.valid_from >= '-210866803200000000'::bigint) THEN to_timestamp((((f.valid_from)::numeric / 1000000.0))::double precision)
            ELSE NULL::timestamp with time zone
        END AS valid_from,
        CASE
            WHEN (f.valid_to >= '-210866803200000000'::bigint) THEN to_timestamp((((f.valid_to)::numeric / 1000000.0))::double precision)
            ELSE NULL::timestamp with time zone
        END AS valid_to,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.location)) AS location,
    f.lon,
    f.lat,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.crs_given)) AS crs_given,
    f.x_given,
    f.y_given,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.community_given)) AS community_given,
    ( SELECT COALESCE(w.long, w.key) AS "coalesce"
           FROM civgrid.word w
          WHERE (w.id = f.community)) AS community,
    to_hex(f.cell_8) AS cell_8,
    to_hex(f.cell_9) AS cell_9,
    (
        CASE
            WHEN (((f.lon >= ('-180'::integer)::double precision) AND (f.lon <= (180)::double precision)) AND ((f.lat >= ('-90'::integer)::double precision) AND (f.lat <= (90)::double precision))) THEN public.st_setsrid(public.st_makepoint(f.lon, f.lat), 4326)
            ELSE NULL::public.geometry
        END)::public.geometry(Point,4326) AS geom,
    f.service_radius
   FROM civgrid.resource f;

CREATE TABLE civgrid.version (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);

ALTER TABLE civgrid.version ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME civgrid.version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE civgrid.word ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME civgrid.word_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

INSERT INTO civgrid.archive OVERRIDING SYSTEM VALUE VALUES ('indicator', 'a', 1, 'one', 1795874643185482);

INSERT INTO civgrid.batch VALUES (1, 'incidents', NULL, 0, 2, 1795874643124906, 4, 0, 0, 0, 0, -6998431237574081517, 4, 0, 1, 1795874643130119, '4d76cf6e-150c-41c4-8bad-cc560596da0f');
INSERT INTO civgrid.batch VALUES (2, 'resources', NULL, 0, 2, 1795874643137177, 1, 0, 0, 0, 0, -6640519551662205645, 1, 0, 2, 1795874643141532, '46316985-5c23-4a69-896a-0faf2458d304');
INSERT INTO civgrid.batch VALUES (3, 'inspections', NULL, 0, 2, 1795874643162999, 1, 0, 0, 0, 0, -3445866391931402846, 1, 0, 3, 1795874643167144, '260a2321-2ebc-4bc5-999d-645dc5ce8f9c');
INSERT INTO civgrid.batch VALUES (4, 'incidents', NULL, 0, 2, 1795874643181595, 1, 1, 0, 0, 0, -7384173905381643895, 2, 1, 4, 1795874643183801, 'b0c9ae31-a028-438c-83fd-495898830775');

INSERT INTO civgrid.clock VALUES (true, 4, 4, 1795874643183801, 6, '4e9fa61c-75a2-4ffa-b560-13f0872a6751');

INSERT INTO civgrid.community OVERRIDING SYSTEM VALUE VALUES (1, '110101', 'district', '', 'Dongcheng', '{"en":"Dongcheng","zh-Hans":"东城区"}', 7, '', NULL, NULL, '0106000020E610000001000000010300000001000000040000003333333333135D406666666666E643400000000000205D406666666666E643400000000000205D4000000000000044403333333333135D406666666666E64340', '4c84203965ab41c4');
INSERT INTO civgrid.community OVERRIDING SYSTEM VALUE VALUES (2, '110101001', 'street', '110101', '安定门街道', '{"":"安定门街道"}', NULL, '', 1600000000000000, NULL, NULL, 'a1f17860e02968bd');

INSERT INTO civgrid.community_part VALUES (1, 1, '0103000020E610000001000000040000003333333333135D406666666666E643400000000000205D4000000000000044400000000000205D406666666666E643403333333333135D406666666666E64340');

INSERT INTO civgrid.dataset VALUES ('resources', 1, -6640519551662205645, 2);
INSERT INTO civgrid.dataset VALUES ('inspections', 1, -3445866391931402846, 3);
INSERT INTO civgrid.dataset VALUES ('incidents', 5, 4064138930753826204, 4);

INSERT INTO civgrid.document OVERRIDING SYSTEM VALUE VALUES ('settings', '', 1, '{"resolutions":[8,9],"zone":"Asia/Shanghai"}');

INSERT INTO civgrid.incident VALUES (1, 3, '1', 1714539600000000, NULL, 11, NULL, NULL, NULL, 2, 9, NULL, 1714521600000000, NULL, 1714539600000000, 1714694400000000, 5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 8, 116.4, 39.9, NULL, NULL, NULL, '和平里北街5号', NULL, 1, 613363270226542591, 617866869852078079, '{"标签":"垃圾"}', NULL, 6708689096707008720, -3855947802122055320, 1, 1);
INSERT INTO civgrid.incident VALUES (2, 3, '2', 1714525200000000, NULL, 11, NULL, NULL, NULL, 6, NULL, NULL, 1714521600000000, NULL, NULL, 1714694400000000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 8, 116.4, 39.9, NULL, NULL, NULL, '和平里北街5号', NULL, 1, 613363270226542591, 617866869852078079, '{"标签":"垃圾"}', NULL, -2444372074933326901, -3855947802122055320, 1, 1);
INSERT INTO civgrid.incident VALUES (3, 3, '3', 1714528800000000, NULL, 11, NULL, NULL, NULL, 10, NULL, NULL, 1714521600000000, NULL, NULL, 1714694400000000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 8, 116.4, 39.9, NULL, NULL, NULL, '和平里北街5号', NULL, 1, 613363270226542591, 617866869852078079, '{"标签":"垃圾"}', NULL, 969133862985222970, -3855947802122055320, 1, 1);
INSERT INTO civgrid.incident VALUES (4, 7, 'bare', NULL, NULL, NULL, NULL, NULL, NULL, 2, NULL, NULL, 1714521600000000, NULL, 1714525200000000, NULL, NULL, 17, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, -7862277688890449504, 8115065177273508417, 4, 4);
INSERT INTO civgrid.incident VALUES (5, 7, 'full', NULL, NULL, NULL, NULL, NULL, NULL, 6, NULL, NULL, 1714521600000000, NULL, NULL, NULL, NULL, 16, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2.5, NULL, '2024-05-01T00:00:00Z/..', 1, NULL, NULL, NULL, NULL, NULL, 4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, -3166524055805187085, 8115065177273508417, 4, 4);

INSERT INTO civgrid.incident_past VALUES (4, 7, 'bare', NULL, NULL, NULL, NULL, NULL, NULL, 6, NULL, NULL, 1714521600000000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 6773510870818480752, 8115065177273508417, 1, 1, 4);

INSERT INTO civgrid.inspection VALUES (1, 12, '1', NULL, NULL, NULL, NULL, NULL, NULL, 14, 0.3333333333333333, NULL, 3, NULL, 1714521600000000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 13, NULL, NULL, NULL, NULL, NULL, NULL, 15, NULL, NULL, NULL, NULL, NULL, -3825373659780448469, 8115065177273508417, 3, 3);

INSERT INTO civgrid.resource VALUES (1, 12, '1', NULL, NULL, '消防站', NULL, NULL, 2.5, NULL, NULL, NULL, 4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, -8873931685839462785, 8115065177273508417, 2, 2);

INSERT INTO civgrid.version VALUES (1, 0, true, '2026-11-28 14:04:02.41426');
INSERT INTO civgrid.version VALUES (2, 1, true, '2026-11-28 14:04:02.423952');
INSERT INTO civgrid.version VALUES (3, 2, true, '2026-11-28 14:04:02.52264');

INSERT INTO civgrid.word OVERRIDING SYSTEM VALUE VALUES (1, '110101', NULL);
INSERT INTO civgrid.word OVERRIDING SYSTEM VALUE VALUES (2, 'closed', NULL);
INSERT INTO civgrid.word OVERRIDING SYSTEM VALUE VALUES (3, 'hotline', NULL);
INSERT INTO civgrid.word OVERRIDING SYSTEM VALUE VALUES (4, 'none', NULL);
INSERT INTO civgrid.word OVERRIDING SYSTEM VALUE VALUES (5, 'on_time', NULL);
INSERT INTO civgrid.word OVERRIDING SYSTEM VALUE VALUES (6, 'open', NULL);
INSERT INTO civgrid.word OVERRIDING SYSTEM VALUE VALUES (7, 'patrol', NULL);
INSERT INTO civgrid.word OVERRIDING SYSTEM VALUE VALUES (8, 'point', NULL);
INSERT INTO civgrid.word OVERRIDING SYSTEM VALUE VALUES (9, 'resolved', NULL);
INSERT INTO civgrid.word OVERRIDING SYSTEM VALUE VALUES (10, 'void', NULL);
INSERT INTO civgrid.word OVERRIDING SYSTEM VALUE VALUES (11, '市容环境', NULL);
INSERT INTO civgrid.word OVERRIDING SYSTEM VALUE VALUES (12, 's', NULL);
INSERT INTO civgrid.word OVERRIDING SYSTEM VALUE VALUES (13, 'area', NULL);
INSERT INTO civgrid.word OVERRIDING SYSTEM VALUE VALUES (14, 'fail', NULL);
INSERT INTO civgrid.word OVERRIDING SYSTEM VALUE VALUES (15, '安定门街道', NULL);
INSERT INTO civgrid.word OVERRIDING SYSTEM VALUE VALUES (16, '1', NULL);
INSERT INTO civgrid.word OVERRIDING SYSTEM VALUE VALUES (17, '2', NULL);

SELECT pg_catalog.setval('civgrid.archive_position_seq', 1, true);

SELECT pg_catalog.setval('civgrid.community_id_seq', 2, true);

SELECT pg_catalog.setval('civgrid.document_position_seq', 1, true);

SELECT pg_catalog.setval('civgrid.inbox_id_seq', 1, false);

SELECT pg_catalog.setval('civgrid.incident_seq', 5, true);

SELECT pg_catalog.setval('civgrid.inspection_seq', 1, true);

SELECT pg_catalog.setval('civgrid.resource_seq', 1, true);

SELECT pg_catalog.setval('civgrid.version_id_seq', 3, true);

SELECT pg_catalog.setval('civgrid.word_id_seq', 17, true);

ALTER TABLE ONLY civgrid.archive
    ADD CONSTRAINT archive_pkey PRIMARY KEY (kind, name);

ALTER TABLE ONLY civgrid.batch
    ADD CONSTRAINT batch_mark_key UNIQUE (mark);

ALTER TABLE ONLY civgrid.batch
    ADD CONSTRAINT batch_pkey PRIMARY KEY (id);

ALTER TABLE ONLY civgrid.clock
    ADD CONSTRAINT clock_pkey PRIMARY KEY (one);

ALTER TABLE ONLY civgrid.community_part
    ADD CONSTRAINT community_part_pkey PRIMARY KEY (community, part);

ALTER TABLE ONLY civgrid.community
    ADD CONSTRAINT community_pkey PRIMARY KEY (id);

ALTER TABLE ONLY civgrid.dataset
    ADD CONSTRAINT dataset_pkey PRIMARY KEY (dataset);

ALTER TABLE ONLY civgrid.document
    ADD CONSTRAINT document_pkey PRIMARY KEY (kind, name);

ALTER TABLE ONLY civgrid.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY civgrid.incident_past
    ADD CONSTRAINT incident_past_pkey PRIMARY KEY (source, id, replaced);

ALTER TABLE ONLY civgrid.incident
    ADD CONSTRAINT incident_pkey PRIMARY KEY (source, id);

ALTER TABLE ONLY civgrid.inspection_past
    ADD CONSTRAINT inspection_past_pkey PRIMARY KEY (source, id, replaced);

ALTER TABLE ONLY civgrid.inspection
    ADD CONSTRAINT inspection_pkey PRIMARY KEY (source, id);

ALTER TABLE ONLY civgrid.resource_past
    ADD CONSTRAINT resource_past_pkey PRIMARY KEY (source, id, replaced);

ALTER TABLE ONLY civgrid.resource
    ADD CONSTRAINT resource_pkey PRIMARY KEY (source, id);

ALTER TABLE ONLY civgrid.version
    ADD CONSTRAINT version_pkey PRIMARY KEY (id);

ALTER TABLE ONLY civgrid.word
    ADD CONSTRAINT word_key_key UNIQUE (key);

ALTER TABLE ONLY civgrid.word
    ADD CONSTRAINT word_pkey PRIMARY KEY (id);

CREATE INDEX batch_at ON civgrid.batch USING btree (at);

CREATE UNIQUE INDEX batch_chunk ON civgrid.batch USING btree (dataset, import, number) WHERE ((state > 0) AND (import IS NOT NULL));

CREATE INDEX batch_unpublished ON civgrid.batch USING btree (id) WHERE (state < 2);

CREATE INDEX community_outline ON civgrid.community USING gist (outline);

CREATE INDEX community_part_outline ON civgrid.community_part USING gist (outline);

CREATE UNIQUE INDEX community_version ON civgrid.community USING btree (code, COALESCE(valid_from, '-9223372036854775808'::bigint));

CREATE INDEX inbox_import ON civgrid.inbox USING btree (import) WHERE (import IS NOT NULL);

CREATE INDEX inbox_waiting ON civgrid.inbox USING btree (id) WHERE (taken IS NULL);

CREATE INDEX incident_cell ON civgrid.incident USING btree (cell_9);

CREATE INDEX incident_changed ON civgrid.incident USING btree (changed);

CREATE INDEX incident_past_replaced ON civgrid.incident_past USING btree (replaced);

CREATE INDEX incident_times ON civgrid.incident USING brin (reported_at, responded_at, closed_at, due_at) WITH (pages_per_range='32', autosummarize='on');

CREATE INDEX inspection_cell ON civgrid.inspection USING btree (cell_9);

CREATE INDEX inspection_changed ON civgrid.inspection USING btree (changed);

CREATE INDEX inspection_past_replaced ON civgrid.inspection_past USING btree (replaced);

CREATE INDEX inspection_times ON civgrid.inspection USING brin (inspected_at, rectify_due_at, rectified_at) WITH (pages_per_range='32', autosummarize='on');

CREATE INDEX resource_cell ON civgrid.resource USING btree (cell_9);

CREATE INDEX resource_changed ON civgrid.resource USING btree (changed);

CREATE INDEX resource_past_replaced ON civgrid.resource_past USING btree (replaced);

CREATE INDEX resource_times ON civgrid.resource USING brin (valid_from, valid_to) WITH (pages_per_range='32', autosummarize='on');

CREATE TRIGGER archive_keeps BEFORE DELETE OR UPDATE OR TRUNCATE ON civgrid.archive FOR EACH STATEMENT EXECUTE FUNCTION civgrid.refuse_change();

