-- The audit log. Each agency has a chain of its own: digest = SHA-256(previous digest, number as 8 bytes, body).
-- The web role can read its agency's entries and append through audit_append; nobody can change or remove one.

create table audit_head (
    agency_id bigint primary key references people_agency (id),
    number bigint not null,
    digest bytea not null
);

create table audit_entry (
    agency_id bigint not null references people_agency (id),
    number bigint not null,
    at timestamptz not null,
    body text not null,
    action text not null generated always as ((body::jsonb) ->> 'action') stored,
    account_id bigint generated always as (((body::jsonb) ->> 'account')::bigint) stored,
    object text generated always as ((body::jsonb) ->> 'object') stored,
    previous bytea not null,
    digest bytea not null,
    primary key (agency_id, number)
);
create index audit_entry_at on audit_entry (agency_id, at desc);
create index audit_entry_account on audit_entry (agency_id, account_id, number desc);
create index audit_entry_object on audit_entry (agency_id, object, number desc);

create function audit_refuse() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only';
end $$;
create trigger audit_entry_is_final before update or delete or truncate on audit_entry
    for each statement execute function audit_refuse();

-- Append entries of the connection's agency in order; the newest number. The head's row lock keeps the chain one chain.
create function audit_append(bodies text[]) returns bigint language plpgsql security definer set search_path = public as $$
declare
    agency bigint := nullif(current_setting('lienthong.agency', true), '')::bigint;
    head audit_head%rowtype;
    body text;
    last bytea;
begin
    if agency is null then raise exception 'no agency is set'; end if;
    insert into audit_head values (agency, 0, sha256(convert_to('lienthong audit ' || agency, 'UTF8')))
        on conflict do nothing;
    select * into head from audit_head where agency_id = agency for update;
    foreach body in array bodies loop
        last := head.digest;
        head.number := head.number + 1;
        head.digest := sha256(last || int8send(head.number) || convert_to(body, 'UTF8'));
        insert into audit_entry (agency_id, number, at, body, previous, digest)
            values (agency, head.number, (body::jsonb ->> 'at')::timestamptz, body, last, head.digest);
    end loop;
    update audit_head set number = head.number, digest = head.digest where agency_id = agency;
    return head.number;
end $$;
