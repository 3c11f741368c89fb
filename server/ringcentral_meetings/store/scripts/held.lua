-- Answers how many ms of a penalty are left. KEYS: held. ARGV: request
refuse_on_replica()
return { request, math.max(0, redis.call('PTTL', KEYS[1])) }
