-- Answers 0, id of the grant, sealed code and sealed grant; 1 for a used code, the request alone where there is none.
-- KEYS: grants, code. ARGV: request
refuse_on_replica()
local known = redis.call('HMGET', KEYS[2], 'used', 'id', 'value', 'grant')
if known[1] then
    return { request, 1 }
end
if not known[2] or not redis.call('ZSCORE', index, known[2]) then
    return { request }
end
return { request, 0, known[2], known[3], known[4] }
