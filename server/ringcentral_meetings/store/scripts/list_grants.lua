-- Answers of each of a user's grants what read_grant does. KEYS: grants. ARGV: request
refuse_on_replica()
local answer = { request }
for _, id in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    local known = redis.call('HMGET', prefix .. 'grant:' .. id, 'generation', 'value', 'at')
    if known[1] then
        answer[#answer + 1] = { id, tonumber(known[1]), known[2], now - tonumber(known[3]) }
    end
end
return answer
