-- The first part of every script of a journal (Journals/JournalKeys.cs has what is kept where). Positions are text when they leave a number: a script's own way of writing numbers has 14 digits.
local STATE, RECORDS, PENDING, DEAD, ORDER, TRAIL = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local pack, unpack, sub = struct.pack, struct.unpack, string.sub
local NO_STATE, STATE_LETTER = '3', '<I8I1I8'

local found = redis.call('HMGET', STATE, 'identity', 'life', 'last', 'acknowledged', 'token', 'holder', 'until', 'bytes', 'oldest', 'keyspace')
local identity, life, holder, oldest, keyspace = found[1], found[2], found[6], found[9], found[10]
local last, acknowledged, token, lead_until, bytes = tonumber(found[3]) or 0, tonumber(found[4]) or 0, tonumber(found[5]) or 0, tonumber(found[7]) or 0, tonumber(found[8]) or 0

local function text(number) return string.format('%.0f', number) end

local function stand(status)
  return { status, identity or '', text(last), text(acknowledged), text(token), redis.call('XLEN', RECORDS), text(bytes), oldest or '', redis.call('ZCARD', ORDER), keyspace or '' }
end

-- Whether what is here is what the caller knows: made, of this life of the server, and not an older copy.
local function unknown()
  if not identity then return stand('none') end
  if life ~= ARGV[1] or last < tonumber(ARGV[2]) then return stand('older') end
end

local function is_lead(asked_token, asked_holder) return token == tonumber(asked_token) and holder == asked_holder end

-- Fields of an entry stand where append put them: kind, name, value, delta, time.
local function position_of(entry) return tonumber(string.match(entry[1], '^(%d+)')) end

local function look_for_oldest()
  local first = redis.call('XRANGE', RECORDS, '-', '+', 'COUNT', 1)
  oldest = first[1] and first[1][2][10] or ''
end

-- Takes a record's bytes off, and what is pending of its key if this is it.
local function forget(position, kind, key, size)
  bytes = bytes - #key - size
  if kind == NO_STATE then return end
  local pending = redis.call('HGET', PENDING, key)
  if pending and unpack('<I8', pending) == position then redis.call('HDEL', PENDING, key) end
end

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- What a record counts for in the trail; the 100 are TrailOptions.RecordBytes.
local function size_in_trail(key, value) return #key + #value + 100 end

-- Lets go of the trail's oldest, so many at most, as long as goes(when it was settled, the bytes that are left) says so. Returns the bytes that are left, and since when the trail is complete: what was younger than oldest should have stayed.
local function cut_trail(most, left, since, goes, oldest)
  local from, count = '-', 1
  repeat
    -- One first: mostly there is nothing to do, and an entry that is read is copied.
    local entries, gone = redis.call('XRANGE', TRAIL, from, '+', 'COUNT', count), 0
    for _, entry in ipairs(entries) do
      local at, position = string.match(entry[1], '^(%d+)-(%d+)$')
      if not goes(tonumber(at), left) then break end
      from, gone, most = at .. '-' .. text(tonumber(position) + 1), gone + 1, most - 1
      left = left - size_in_trail(entry[2][4], entry[2][6])
      if tonumber(at) >= oldest then since = at end
    end
    local is_more = gone == count
    count = math.min(most, 50)
  until not is_more or most <= 0
  if from ~= '-' then redis.call('XTRIM', TRAIL, 'MINID', from) end
  return left, since
end
