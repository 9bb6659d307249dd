-- IWriteJournal.AppendAsync. ARGV: life, the highest position the caller knows, the time, then for each record its kind, key, value and delta.
-- The first write is one that a full memory or a failed disk refuses, so a refusal has taken nothing.
local refusal = unknown()
if refusal then return refusal end
local at = ARGV[3]
if redis.call('XLEN', RECORDS) == 0 then oldest = at end
for i = 4, #ARGV, 4 do
  local kind, key, value = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  last = last + 1
  redis.call('XADD', RECORDS, text(last) .. '-0', 'k', kind, 'n', key, 'v', value, 'd', ARGV[i + 3], 't', at)
  if kind ~= NO_STATE then redis.call('HSET', PENDING, key, pack(STATE_LETTER, last, tonumber(kind), tonumber(at)) .. value) end
  bytes = bytes + #key + #value
end
redis.call('HSET', STATE, 'last', text(last), 'bytes', text(bytes), 'oldest', oldest)
return stand('ok')
