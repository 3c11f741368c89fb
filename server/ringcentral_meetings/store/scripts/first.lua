-- Answers 1 to the first request of a key, and 0 to others. KEYS: seen. ARGV: request, ms to remember it
refuse_on_replica_or_full()
local known = redis.call('GET', KEYS[1])
if not known then
    redis.call('SET', KEYS[1], request, 'PX', ARGV[2])
end
return { request, (not known or known == request) and 1 or 0 }
