-- Connections of systems that speak a compatible face and sign nothing themselves. Secrets and keys are sealed under
-- a key file that is not in the database (docs/adr/0014).

CREATE TABLE connection (
    system_id   text        PRIMARY KEY,            -- the System row of the directory
    face        text        NOT NULL,               -- vxp | lgsp
    status_form text        NOT NULL DEFAULT 'M',   -- element of status packets written to this system
    networks    text[]      NOT NULL DEFAULT '{}',  -- where it may call from; empty: anywhere
    key_id      text        NOT NULL,               -- the axis-held key, as in the directory
    sealed_key  bytea       NOT NULL,               -- PKCS #8 PEM, sealed
    created_at  timestamptz NOT NULL,
    created_by  text        NOT NULL,
    revoked_at  timestamptz,
    sync_before bigint      NOT NULL DEFAULT 0,     -- directory versions given last and before that
    sync_last   bigint      NOT NULL DEFAULT 0,
    CONSTRAINT connection_face_is_known CHECK (face IN ('vxp', 'lgsp')),
    CONSTRAINT connection_status_form_is_known CHECK (status_form IN ('M', 'S'))
);

-- Shared secrets; two may be valid while one replaces the other.
CREATE TABLE connection_secret (
    secret_id   uuid        PRIMARY KEY,
    system_id   text        NOT NULL REFERENCES connection,
    sealed      bytea       NOT NULL,
    created_at  timestamptz NOT NULL,
    created_by  text        NOT NULL,
    valid_until timestamptz                         -- null: until it is replaced or revoked
);
CREATE INDEX connection_secret_by_system ON connection_secret (system_id, created_at);

-- What such a system posted: the envelope's name and time, fixed before the envelope is made, so that the same bytes
-- posted again make the same envelope. digest: of the request and its content; null once the window has passed.
CREATE TABLE post (
    envelope_id uuid        PRIMARY KEY,
    system_id   text        NOT NULL,
    digest      bytea,
    sender      text        NOT NULL,
    title       text        NOT NULL,
    created_at  timestamptz NOT NULL,
    CONSTRAINT post_is_counted_once UNIQUE (system_id, digest)
);
CREATE INDEX post_by_time ON post (system_id, created_at);

-- What one system holds, for lists that show it until it is confirmed.
CREATE INDEX delivery_leased_by ON delivery (lease_system, delivery_no) WHERE state = 'leased';
