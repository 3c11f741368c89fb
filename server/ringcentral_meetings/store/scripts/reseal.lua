-- Replaces the sealed value of a generation, and nothing else of its record; answers whether it did.
-- KEYS: record. ARGV: request, generation, value
refuse_on_replica_or_full()
if redis.call('HGET', KEYS[1], 'generation') ~= ARGV[2] then
    return { request, 0 }
end
redis.call('HSET', KEYS[1], 'value', ARGV[3])
return { request, 1 }
