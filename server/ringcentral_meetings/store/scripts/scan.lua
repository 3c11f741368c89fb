-- Answers where to go on (0: nowhere), and keys that match. KEYS: any. ARGV: request, where to begin, pattern, about how many
refuse_on_replica()
local found = redis.call('SCAN', ARGV[2], 'MATCH', ARGV[3], 'COUNT', ARGV[4])
return { request, found[1], found[2] }
