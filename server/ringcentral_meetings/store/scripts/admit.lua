-- Takes a token from a bucket that fills up with time, and answers 0, or the ms until there is one.
-- KEYS: bucket, and an access token where it takes none for one without a grant
-- ARGV: request, tokens a minute, tokens at most, what the names of grants begin with
refuse_on_replica_or_full()
if KEYS[2] then
    local id = redis.call('GET', KEYS[2])
    if not id or redis.call('EXISTS', ARGV[4] .. id) == 0 then
        return { request, 0 }
    end
end
local rate, most = tonumber(ARGV[2]) / 60000, tonumber(ARGV[3])
local known = redis.call('HMGET', KEYS[1], 'level', 'at', 'request')
if known[3] == request then
    return { request, 0 }
end
local level = most
if known[1] then
    level = math.min(most, tonumber(known[1]) + math.max(0, now - tonumber(known[2])) * rate)
end
if level < 1 then
    return { request, math.ceil((1 - level) / rate) }
end
redis.call('HSET', KEYS[1], 'level', string.format('%.6f', level - 1), 'at', text(now), 'request', request)
redis.call('PEXPIRE', KEYS[1], text(math.ceil((most - level + 1) / rate) + 1000))
return { request, 0 }
