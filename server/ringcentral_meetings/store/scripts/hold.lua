-- Lengthens a penalty, and never shortens it.
-- KEYS: held. ARGV: request, ms
refuse_on_replica_or_full()
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
    redis.call('SET', KEYS[1], '1', 'PX', ARGV[2])
end
return { request }
