-- Writes a note over a generation: '' any, 0 none.
-- KEYS: note. ARGV: request, over, value, ms to keep it
-- Answers the new generation; else 0, and generation and value of what is there, if there is something
refuse_on_replica_or_full()
local known = redis.call('HMGET', KEYS[1], 'generation', 'request', 'value')
if known[2] == request then
    return { request, tonumber(known[1]) }
end
if ARGV[2] ~= '' and tonumber(ARGV[2]) ~= tonumber(known[1] or 0) then
    if not known[1] then
        return { request, 0 }
    end
    return { request, 0, tonumber(known[1]), known[3] }
end
local generation = generation_after(known[1])
redis.call('HSET', KEYS[1], 'generation', text(generation), 'request', request, 'value', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return { request, generation }
