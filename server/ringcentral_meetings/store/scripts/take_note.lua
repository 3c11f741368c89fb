-- Takes a note out for who asks first, and answers as read_note, a repeated request too.
-- KEYS: note. ARGV: request, ms to keep it for this request
refuse_on_replica_or_full()
local known = redis.call('HMGET', KEYS[1], 'generation', 'value', 'taken')
if not known[1] or (known[3] and known[3] ~= request) then
    return { request }
end
if not known[3] then
    redis.call('HSET', KEYS[1], 'taken', request)
    redis.call('PEXPIRE', KEYS[1], text(math.min(tonumber(ARGV[2]), redis.call('PTTL', KEYS[1]))))
end
return { request, tonumber(known[1]), known[2] }
