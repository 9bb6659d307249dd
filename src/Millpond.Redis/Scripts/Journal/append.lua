-- IWriteJournal.AppendAsync. ARGV: life, the highest position the caller knows, the time, then for each record its kind, key, value and delta. Replies: the stand, and how many bytes of the trail made room, if any did.
-- The first write is one that a full memory or a failed disk refuses, so a refusal has taken nothing. Where the memory is full and there is a trail, its oldest go for what comes: a trail holds up no append. After that cut, which needs no memory, the rest is made.
local refusal = unknown()
if refusal then return refusal end
local at, cut = ARGV[3]
local function give_way()
  local needed, trail = 0, redis.call('HMGET', STATE, 'trail', 'since')
  for i = 4, #ARGV, 4 do needed = needed + 2 * size_in_trail(ARGV[i + 1], ARGV[i + 2]) end
  local bytes_before = tonumber(trail[1]) or 0
  local bytes_left, since = cut_trail(#ARGV * 4, bytes_before, trail[2], function(_, left) return left > bytes_before - needed end, 0)
  cut = text(bytes_before - bytes_left)
  redis.call('HSET', STATE, 'trail', text(bytes_left))
  -- Where nothing says since when it is complete, the trail is off and this is what is left of one.
  if trail[2] then redis.call('HSET', STATE, 'since', since) end
end
if redis.call('XLEN', RECORDS) == 0 then oldest = at end
for i = 4, #ARGV, 4 do
  local kind, key, value = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  last = last + 1
  local added = redis.pcall('XADD', RECORDS, text(last) .. '-0', 'k', kind, 'n', key, 'v', value, 'd', ARGV[i + 3], 't', at)
  if added.err then
    if not string.find(added.err, 'OOM', 1, true) or redis.call('XLEN', TRAIL) == 0 then return added end
    give_way()
    redis.call('XADD', RECORDS, text(last) .. '-0', 'k', kind, 'n', key, 'v', value, 'd', ARGV[i + 3], 't', at)
  end
  if kind ~= NO_STATE then redis.call('HSET', PENDING, key, pack(STATE_LETTER, last, tonumber(kind), tonumber(at)) .. value) end
  bytes = bytes + #key + #value
end
redis.call('HSET', STATE, 'last', text(last), 'bytes', text(bytes), 'oldest', oldest)
local reply = stand('ok')
reply[#reply + 1] = cut
return reply
