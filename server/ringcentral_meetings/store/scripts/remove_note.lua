-- Removes a note of a generation ('' any), and answers whether it is gone.
-- KEYS: note. ARGV: request, over
refuse_on_replica()
local known = redis.call('HGET', KEYS[1], 'generation')
if known and ARGV[2] ~= '' and tonumber(ARGV[2]) ~= tonumber(known) then
    return { request, 0 }
end
redis.call('DEL', KEYS[1])
return { request, 1 }
