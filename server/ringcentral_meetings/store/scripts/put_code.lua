-- Keeps a code, and counts the grant that it may begin among the user's.
-- KEYS: grants, code. ARGV: request, id of the grant, sealed code, sealed grant, ms
refuse_on_replica_or_full()
if redis.call('EXISTS', KEYS[2]) == 0 then
    redis.call('HSET', KEYS[2], 'id', ARGV[2], 'value', ARGV[3], 'grant', ARGV[4])
    redis.call('PEXPIRE', KEYS[2], ARGV[5])
    list(ARGV[2], now + tonumber(ARGV[5]))
end
return { request }
