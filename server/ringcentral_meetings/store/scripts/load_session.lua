-- Answers generation, value and how many ms the access token has left; the request alone where there is no session.
-- KEYS: session. ARGV: request
refuse_on_replica()
local known = redis.call('HMGET', KEYS[1], 'generation', 'value', 'until')
if not known[1] then
    return { request }
end
return { request, tonumber(known[1]), known[2], tonumber(known[3]) - now }
