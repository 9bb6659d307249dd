-- The part of the scripts of a lead that settle records or look after those that are settled. ARGV[5] and ARGV[6] are how old, in ms, and how large the trail may be; no age: nothing is kept.
-- An entry's id is when it was settled, in ms, and its position: each settlement has an instant above all before it, so ids rise though a dead letter's position is behind.
local AGE_MAX, BYTES_MAX = tonumber(ARGV[5]), tonumber(ARGV[6])
-- Settlement.Applied.
local APPLIED = '1'
local kept = redis.call('HMGET', STATE, 'settled', 'trail', 'since')
local settled, trail_bytes, since = tonumber(kept[1]) or 0, tonumber(kept[2]) or 0, kept[3]

-- A settlement begins. Called after a write that needs no memory: those behind it are made though there is none.
local function settle()
  if AGE_MAX == 0 then
    if since then redis.call('HDEL', STATE, 'since') end
    return
  end
  -- Somebody may have deleted the stream.
  if redis.call('XLEN', TRAIL) == 0 then trail_bytes = 0 end
  settled = math.max(now(), settled + 1)
  since = since or text(settled - 1)
end

local function keep(position, kind, key, value, delta, at, how, reason)
  if AGE_MAX == 0 then return end
  redis.call('XADD', TRAIL, text(settled) .. '-' .. text(position), 'k', kind, 'n', key, 'v', value, 'd', delta, 't', at, 'h', how, 'r', reason)
  trail_bytes = trail_bytes + size_in_trail(key, value)
end

-- Lets go of the oldest, as far as they are too old or too many: so many at most.
local function prune(most)
  if AGE_MAX == 0 then return end
  local oldest = now() - AGE_MAX
  trail_bytes, since = cut_trail(most, trail_bytes, since, function(at, left) return at < oldest or left > BYTES_MAX end, oldest)
  redis.call('HSET', STATE, 'settled', text(settled), 'trail', text(trail_bytes))
  if since then redis.call('HSET', STATE, 'since', since) end
end
