-- Gives back the place of a request that was not sent.
-- KEYS: sent. ARGV: request, the request that took it
refuse_on_replica()
redis.call('ZREM', KEYS[1], ARGV[2])
return { request }
