-- Background work: one row a job, deleted when it is done. Losing every row loses nothing: sweeps make them again.
create table job (
    id           bigint generated always as identity primary key,
    name         text        not null,
    -- At most one waiting job for each name and key; a job that already runs does not count, because what it read
    -- may be older than the reason for the new one.
    key          text,
    -- Identifiers only, never content.
    payload      jsonb       not null default '{}',
    state        text        not null default 'ready' check (state in ('ready', 'leased', 'dead')),
    priority     smallint    not null default 0 check (priority between -100 and 100),
    run_at       timestamptz not null default now(),
    -- run_at, earlier by one minute for each step of priority: urgent work goes first, but normal work ages past it.
    rank_at      timestamptz not null default now(),
    attempts     integer     not null default 0,
    max_attempts integer     not null default 12,
    lease_until  timestamptz,
    lease_owner  text,
    last_error   text,
    trace_id     text,
    created_at   timestamptz not null default now(),
    check ((state = 'leased') = (lease_until is not null and lease_owner is not null))
);
create unique index job_waiting_once on job (name, key) where key is not null and state = 'ready';
create index job_next on job (rank_at, id) where state = 'ready';
create index job_leases on job (lease_until) where state = 'leased';
create index job_dead on job (id) where state = 'dead';

-- When each periodic job last began; whoever moves the instant forward runs it.
create table job_period (
    name    text primary key,
    last_at timestamptz not null
);
