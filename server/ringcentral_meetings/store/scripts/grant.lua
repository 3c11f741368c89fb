-- Grants a lease that nobody else holds; its owner gets it again.
-- KEYS: lease. ARGV: request, owner, ms, ms to remember its generation afterwards
-- Answers the generation (0: not granted), and for how many ms it is held
refuse_on_replica_or_full()
local known = redis.call('HMGET', KEYS[1], 'owner', 'until', 'generation')
local ends = tonumber(known[2] or 0)
local held = known[1] and known[1] ~= '' and ends > now
if held and known[1] ~= ARGV[2] then
    return { request, 0, ends - now }
end
local generation = tonumber(known[3])
if not held then
    generation = generation_after(known[3])
end
ends = math.max(held and ends or 0, now + tonumber(ARGV[3]))
redis.call('HSET', KEYS[1], 'owner', ARGV[2], 'until', text(ends), 'generation', text(generation), 'last', '')
redis.call('PEXPIRE', KEYS[1], text(ends - now + tonumber(ARGV[4])))
return { request, generation, ends - now }
