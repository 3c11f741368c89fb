-- Takes a session out, ends the lease of its renewal, and answers as load_session, a repeated request too.
-- KEYS: session, lease, what is kept of it for this request. ARGV: request, ms to keep it
refuse_on_replica()
local session, ended = KEYS[1], KEYS[3]
if redis.call('EXISTS', ended) == 0 then
    if redis.call('EXISTS', KEYS[2]) == 1 then
        redis.call('HSET', KEYS[2], 'owner', '', 'until', '0', 'last', '')
    end
    if redis.call('EXISTS', session) == 1 then
        redis.call('RENAME', session, ended)
        redis.call('PEXPIRE', ended, ARGV[2])
    end
end
local known = redis.call('HMGET', ended, 'generation', 'value', 'until')
if not known[1] then
    return { request }
end
return { request, tonumber(known[1]), known[2], tonumber(known[3]) - now }
