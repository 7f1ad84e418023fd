-- What a system itself has signed to add or revoke one of its keys, kept for ever beside the version that it made.
CREATE TABLE directory_key_change (
    version bigint      PRIMARY KEY,
    system  text        NOT NULL,
    key_id  text        NOT NULL,
    at      timestamptz NOT NULL,
    token   bytea       NOT NULL                        -- lt-key-change (PR-NATIVE §10)
);
