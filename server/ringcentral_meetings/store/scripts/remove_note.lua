-- Removes a note of a generation ('' any), and answers whether it is gone.
-- KEYS: note. ARGV: request, over
refuse_on_replica()
return { request, removed(KEYS[1], ARGV[2]) }
