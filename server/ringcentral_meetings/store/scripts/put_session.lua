-- Stores a session over the generation that was read (0: none), or for who holds the lease of its renewal.
-- KEYS: session, lease
-- ARGV: request, over, owner and generation of the lease, value, ms that its access token has left, ms to keep it
-- Answers the new generation; else 0, and generation, value and ms left of what is there, if there is something
refuse_on_replica_or_full()
local known = redis.call('HMGET', KEYS[1], 'generation', 'request', 'value', 'until')
if known[2] == request then
    return { request, tonumber(known[1]) }
end
local lease = redis.call('HMGET', KEYS[2], 'owner', 'generation', 'until')
local mine = ARGV[3] ~= '' and lease[1] == ARGV[3] and lease[2] == ARGV[4] and tonumber(lease[3]) > now
if not mine and tonumber(ARGV[2]) ~= tonumber(known[1] or 0) then
    if not known[1] then
        return { request, 0 }
    end
    return { request, 0, tonumber(known[1]), known[3], tonumber(known[4]) - now }
end
local generation = generation_after(known[1])
redis.call('HSET', KEYS[1], 'generation', text(generation), 'request', request, 'value', ARGV[5],
    'until', text(now + tonumber(ARGV[6])))
redis.call('PEXPIRE', KEYS[1], ARGV[7])
return { request, generation }
