-- Holds a lease for longer, where it is still its owner's.
-- KEYS: lease. ARGV: request, owner, generation, ms, ms to remember its generation afterwards
refuse_on_replica()
local known = redis.call('HMGET', KEYS[1], 'owner', 'until', 'generation')
if known[1] ~= ARGV[2] or known[3] ~= ARGV[3] or tonumber(known[2]) <= now then
    return { request, 0 }
end
local ends = math.max(tonumber(known[2]), now + tonumber(ARGV[4]))
redis.call('HSET', KEYS[1], 'until', text(ends))
redis.call('PEXPIRE', KEYS[1], text(ends - now + tonumber(ARGV[5])))
return { request, 1 }
