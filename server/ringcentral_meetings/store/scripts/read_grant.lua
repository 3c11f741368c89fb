-- Answers id, generation, value and ms since its last tokens; the request alone where there is no such grant.
-- KEYS: grants, the token. ARGV: request
refuse_on_replica()
local id = redis.call('GET', KEYS[2])
if not id then
    return { request }
end
local known = redis.call('HMGET', prefix .. 'grant:' .. id, 'generation', 'value', 'at')
if not known[1] then
    return { request }
end
return { request, id, tonumber(known[1]), known[2], now - tonumber(known[3]) }
