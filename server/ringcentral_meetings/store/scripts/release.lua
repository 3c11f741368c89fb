-- Gives a lease back, where it is still its owner's, or where this very owner gave it back before.
-- KEYS: lease. ARGV: request, owner, generation
refuse_on_replica()
return { request, released(KEYS[1], ARGV[2], ARGV[3]) }
