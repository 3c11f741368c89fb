-- Answers generation and value; the request alone where there is none. KEYS: note. ARGV: request
refuse_on_replica()
local known = redis.call('HMGET', KEYS[1], 'generation', 'value')
if not known[1] then
    return { request }
end
return { request, tonumber(known[1]), known[2] }
