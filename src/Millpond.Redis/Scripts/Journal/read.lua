-- IJournalLead.ReadAsync. KEYS: the state, the records. ARGV: the lead's identity, the first entry's id, how many at most. Replies: the entries; nothing where another journal has taken this one's place.
if redis.call('HGET', KEYS[1], 'identity') ~= ARGV[1] then return false end
return redis.call('XRANGE', KEYS[2], ARGV[2], '+', 'COUNT', ARGV[3])
