-- The axis's tables. Written for PostgreSQL 15 to 18; the message path uses plain SQL only.
-- Numbers (…_no) come from sequences that nodes draw in blocks, so that rows can be written with COPY.

CREATE SEQUENCE envelope_no AS bigint INCREMENT BY 1;
CREATE SEQUENCE delivery_no AS bigint INCREMENT BY 1;
CREATE SEQUENCE event_no AS bigint INCREMENT BY 1;

-- One accepted envelope. jws and header are the raw bytes and the record; every other column is a view of them.
CREATE TABLE envelope (
    envelope_no     bigint      PRIMARY KEY,
    sender          text        NOT NULL,           -- agency code as written
    envelope_id     uuid        NOT NULL,
    digest          bytea       NOT NULL,           -- SHA-256 of the envelope's payload
    kind            text        NOT NULL,           -- document | status
    business        smallint    NOT NULL,           -- 0 new, 1 recall, 2 update, 3 replace; -1 for a status
    document_id     text        NOT NULL,
    document_code   text        NOT NULL,           -- number/symbol, for matching statuses (exchange facts 1.5)
    issued_date     date,
    system_id       text        NOT NULL,
    urgency         smallint    NOT NULL,
    recipients      integer     NOT NULL,
    size            bigint      NOT NULL,           -- bytes of all parts
    accepted_at     timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    origin_no       bigint,                         -- the earlier envelope that this one recalls, updates or reports on
    jws             bytea       NOT NULL,
    header          bytea       NOT NULL,           -- edXML header part (empty when the packet part is a blob)
    receipt         bytea       NOT NULL,           -- JWS of the SubmissionAcceptance: the same bytes for ever
    CONSTRAINT envelope_is_accepted_once UNIQUE (sender, envelope_id),
    CONSTRAINT envelope_kind_is_known CHECK (kind IN ('document', 'status')),
    CONSTRAINT envelope_business_fits_kind CHECK ((kind = 'status') = (business = -1))
);
ALTER TABLE envelope ALTER COLUMN jws SET STORAGE EXTERNAL, ALTER COLUMN receipt SET STORAGE MAIN;
CREATE INDEX envelope_by_document ON envelope (sender, document_id);
CREATE INDEX envelope_by_code ON envelope (sender, document_code);
CREATE INDEX envelope_by_origin ON envelope (origin_no) WHERE origin_no IS NOT NULL;

-- Which blobs an envelope needs (header parts live in the envelope row).
CREATE TABLE part (
    envelope_no bigint   NOT NULL,
    part_no     smallint NOT NULL,
    sha256      bytea    NOT NULL,
    size        bigint   NOT NULL,
    PRIMARY KEY (envelope_no, part_no)
);
CREATE INDEX part_by_digest ON part (sha256);

-- One envelope for one recipient; its own state, its own chain of evidence.
CREATE TABLE delivery (
    delivery_no   bigint      PRIMARY KEY,
    envelope_no   bigint      NOT NULL,
    addressed_to  text        NOT NULL,             -- code written by the sender
    agency        text        NOT NULL,             -- agency that receives: successor or alias resolved
    state         text        NOT NULL,
    urgency       smallint    NOT NULL,
    created_at    timestamptz NOT NULL,
    available_at  timestamptz NOT NULL,             -- not leased before (back-off after a failure)
    expires_at    timestamptz NOT NULL,
    attempts      smallint    NOT NULL DEFAULT 0,   -- failures reported or leases run out
    fence         integer     NOT NULL DEFAULT 0,   -- grows with every lease; an older one is void
    lease_until   timestamptz,
    lease_system  text,
    blocked_by    bigint,                           -- earlier delivery of the same thread, while waiting
    last_event    bytea       NOT NULL,             -- digest of the newest event of this chain
    last_event_at timestamptz NOT NULL,
    status_code   smallint,                         -- newest business status that counts (01..16)
    finished_at   timestamptz,
    reason        text,                             -- code of a refusal, failure or quarantine
    CONSTRAINT delivery_state_is_known CHECK (state IN
        ('waiting', 'available', 'leased', 'delivered', 'refused', 'expired', 'recalled', 'quarantined')),
    CONSTRAINT delivery_waits_for_something CHECK ((state = 'waiting') = (blocked_by IS NOT NULL)),
    CONSTRAINT delivery_lease_is_whole CHECK ((state = 'leased') = (lease_until IS NOT NULL))
) WITH (fillfactor = 80);
CREATE INDEX delivery_by_envelope ON delivery (envelope_no);
CREATE INDEX delivery_ready ON delivery (agency, urgency DESC, delivery_no) WHERE state = 'available';
CREATE INDEX delivery_ready_by_age ON delivery (agency, delivery_no) WHERE state = 'available';
CREATE INDEX delivery_lease_end ON delivery (lease_until) WHERE state = 'leased';
CREATE INDEX delivery_deadline ON delivery (expires_at) WHERE state IN ('waiting', 'available', 'leased', 'quarantined');
CREATE INDEX delivery_blocked ON delivery (blocked_by) WHERE blocked_by IS NOT NULL;
CREATE INDEX delivery_in_quarantine ON delivery (delivery_no) WHERE state = 'quarantined';

-- Signed evidence, append-only. delivery_no is null for events of the whole envelope.
CREATE TABLE event (
    event_no    bigint      PRIMARY KEY,
    envelope_no bigint,                             -- null: refusal of something that was never accepted
    delivery_no bigint,
    name        text        NOT NULL,               -- short name, e.g. ContentHandover
    at          timestamptz NOT NULL,
    jws         bytea       NOT NULL
);
ALTER TABLE event ALTER COLUMN jws SET STORAGE EXTERNAL;
CREATE INDEX event_by_envelope ON event (envelope_no) WHERE envelope_no IS NOT NULL;

-- Log entries not yet in the tree; written with the event, taken by the sequencer.
CREATE TABLE leaf_pending (
    event_no bigint PRIMARY KEY,
    entry    bytea  NOT NULL                        -- SHA-256 of the event's JWS
);
CREATE TABLE leaf (
    event_no   bigint PRIMARY KEY,
    leaf_index bigint NOT NULL
);
CREATE TABLE checkpoint (
    size         bigint      PRIMARY KEY,
    root         bytea       NOT NULL,
    at           timestamptz NOT NULL,
    note         text        NOT NULL,              -- signed note, without cosignatures
    token        bytea,                             -- RFC 3161 token; null is a visible debt
    token_at     timestamptz,
    cosignatures text        NOT NULL DEFAULT ''    -- lines of witnesses
);
CREATE INDEX checkpoint_without_token ON checkpoint (size) WHERE token IS NULL;
-- What this axis, as a witness, last cosigned for another log.
CREATE TABLE witnessed (
    origin text        PRIMARY KEY,
    size   bigint      NOT NULL,
    root   bytea       NOT NULL,
    at     timestamptz NOT NULL
);

-- A business status that came back for one delivery, in order of arrival.
CREATE TABLE business_status (
    status_envelope_no bigint      NOT NULL,
    delivery_no        bigint      NOT NULL,
    code               smallint    NOT NULL,
    at                 timestamptz NOT NULL,        -- time that the status claims
    outcome            text        NOT NULL,        -- advanced | repeated | late | illegal | ignored
    PRIMARY KEY (status_envelope_no, delivery_no)
);
CREATE INDEX business_status_by_delivery ON business_status (delivery_no);

-- Refusals of submissions, so that a sender can ask why.
CREATE TABLE refusal (
    event_no    bigint      PRIMARY KEY,
    sender      text        NOT NULL,
    envelope_id uuid        NOT NULL,
    digest      bytea       NOT NULL,
    code        text        NOT NULL,
    at          timestamptz NOT NULL
);
CREATE INDEX refusal_by_envelope ON refusal (sender, envelope_id);

-- A system's right to name bytes that it uploaded before; nobody gets content by knowing a digest.
CREATE TABLE upload (
    upload_id  uuid        PRIMARY KEY,
    system_id  text        NOT NULL,
    sha256     bytea       NOT NULL,
    size       bigint      NOT NULL,
    complete   boolean     NOT NULL DEFAULT false,
    touched_at timestamptz NOT NULL,
    CONSTRAINT upload_is_begun_once UNIQUE (system_id, sha256)
);
CREATE INDEX upload_by_age ON upload (touched_at);

-- Directory: the newest row of everything, and every change with its version.
CREATE TABLE directory_row (
    row_type text   NOT NULL,                       -- agency | system | succession
    key      text   NOT NULL,
    version  bigint NOT NULL,
    row      jsonb  NOT NULL,
    PRIMARY KEY (row_type, key)
);
CREATE TABLE directory_change (
    version  bigint      NOT NULL,
    ordinal  integer     NOT NULL,
    row_type text        NOT NULL,
    key      text        NOT NULL,
    row      jsonb,                                 -- null: deleted
    at       timestamptz NOT NULL,
    by       text        NOT NULL,
    PRIMARY KEY (version, ordinal)
);

-- Small facts of the whole axis: high-water mark of the clock, last conservation result.
CREATE TABLE axis_fact (
    name  text        PRIMARY KEY,
    value jsonb       NOT NULL,
    at    timestamptz NOT NULL
);
