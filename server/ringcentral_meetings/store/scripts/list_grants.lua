-- Answers of each of a user's grants what read_refresh does. KEYS: grants. ARGV: request
refuse_on_replica()
local answer = { request }
for _, id in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    answer[#answer + 1] = grant_at(id)
end
return answer
