-- Begins the grant of a code, if nobody has used the code or ended the grant, and answers whether it did.
-- KEYS: grants, code
-- ARGV: request, access token, ms, refresh token, ms, ms to the absolute end, ms to remember that the code was used
refuse_on_replica_or_full()
local known = redis.call('HMGET', KEYS[2], 'used', 'id', 'grant')
if known[1] then
    return { request, known[1] == request and 1 or 0 }
end
if not known[2] or not redis.call('ZSCORE', index, known[2]) then
    return { request, 0 }
end
local id, absolute = known[2], now + tonumber(ARGV[6])
redis.call('HSET', prefix .. 'grant:' .. id, 'generation', text(generation_after()), 'value', known[3],
    'ends', text(absolute))
issue(id, end_of_grant(tonumber(ARGV[5]), absolute), ARGV[2], ARGV[3], ARGV[4])
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[2], 'id', id, 'used', request)
redis.call('PEXPIRE', KEYS[2], ARGV[7])
return { request, 1 }
