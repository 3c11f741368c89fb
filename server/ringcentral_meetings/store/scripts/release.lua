-- Gives a lease back, where it is still its owner's, or where this very owner gave it back before.
-- KEYS: lease. ARGV: request, owner, generation
refuse_on_replica()
local known = redis.call('HMGET', KEYS[1], 'owner', 'until', 'generation', 'last')
if known[3] ~= ARGV[3] then
    return { request, 0 }
end
if known[1] == ARGV[2] and tonumber(known[2]) > now then
    redis.call('HSET', KEYS[1], 'owner', '', 'until', '0', 'last', ARGV[2])
    return { request, 1 }
end
return { request, known[4] == ARGV[2] and 1 or 0 }
