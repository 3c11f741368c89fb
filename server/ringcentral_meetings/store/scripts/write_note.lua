-- Writes a note over a generation: '' any, 0 none.
-- KEYS: note. ARGV: request, over, value, ms to keep it
-- Answers the new generation; else 0, and generation and value of what is there, if there is something
refuse_on_replica_or_full()
return { request, written(KEYS[1], ARGV[2], ARGV[3], ARGV[4]) }
