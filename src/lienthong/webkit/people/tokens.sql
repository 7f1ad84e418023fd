-- Whose token this is; on success the connection belongs to its agency.
create function people_enter_token(wanted bytea, now_at timestamptz)
    returns table (account_id bigint, agency_id bigint, may_write boolean)
    language plpgsql security definer set search_path = public as $$
declare found people_apitoken%rowtype;
begin
    select * into found from people_apitoken t
        where t.digest = wanted and t.ends_at > now_at and t.revoked_at is null;
    perform set_config('lienthong.agency', coalesce(found.agency_id::text, ''), false);
    if found.id is null then return; end if;
    if found.used_at is null or found.used_at < now_at - interval '1 minute' then
        update people_apitoken t set used_at = now_at where t.id = found.id;
    end if;
    return query select found.account_id, found.agency_id, found.may_write;
end $$;
