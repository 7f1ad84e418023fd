-- What has to be known before the agency is known: who signs in, and whose session a cookie is.

-- A session by the digest of its cookie; on success the connection belongs to its agency. Idle sessions end.
create function people_enter(cookie bytea, now_at timestamptz, idle interval)
    returns table (account_id bigint, agency_id bigint, factor text)
    language plpgsql security definer set search_path = public as $$
declare found people_session%rowtype;
begin
    select * into found from people_session s
        where s.digest = cookie and s.ends_at > now_at and s.seen_at > now_at - idle;
    perform set_config('lienthong.agency', coalesce(found.agency_id::text, ''), false);
    if found.agency_id is null then return; end if;
    -- A page a minute at most writes: every request would otherwise be a write.
    if found.seen_at < now_at - interval '1 minute' then
        update people_session s set seen_at = now_at where s.digest = cookie;
    end if;
    return query select found.account_id, found.agency_id, found.factor::text;
end $$;

-- The account of a login, and from now on the connection belongs to its agency.
create function people_find(name text) returns table (account_id bigint, agency_id bigint)
    language plpgsql security definer set search_path = public as $$
declare found people_account%rowtype;
begin
    select * into found from people_account a where a.login = name;
    perform set_config('lienthong.agency', coalesce(found.agency_id::text, ''), false);
    if found.id is null then return; end if;
    return query select found.id, found.agency_id;
end $$;

-- The same by the subject of single sign-on, or by a passkey's credential.
create function people_find_subject(wanted text) returns table (account_id bigint, agency_id bigint)
    language plpgsql security definer set search_path = public as $$
declare found people_account%rowtype;
begin
    select * into found from people_account a where a.subject = wanted and wanted <> '';
    perform set_config('lienthong.agency', coalesce(found.agency_id::text, ''), false);
    if found.id is null then return; end if;
    return query select found.id, found.agency_id;
end $$;

create function people_find_passkey(wanted bytea) returns table (account_id bigint, agency_id bigint)
    language plpgsql security definer set search_path = public as $$
declare found people_passkey%rowtype;
begin
    select * into found from people_passkey p where p.credential = wanted;
    perform set_config('lienthong.agency', coalesce(found.agency_id::text, ''), false);
    if found.id is null then return; end if;
    return query select found.account_id, found.agency_id;
end $$;

-- Ids and codes of all agencies here, for works that go round all of them.
create function people_agencies() returns table (id bigint, code text)
    language sql security definer set search_path = public stable as $$
    select a.id, a.code::text from people_agency a order by a.id
$$;
