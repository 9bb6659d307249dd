-- The first part of every script: what a control record and a record look like (Layout/ControlImage.cs and Layout/RecordHead.cs have the same in words), and the steps that
-- several operations share. The client puts in which life of the server this text was loaded into: a script's cache dies with its server, so no text runs in another life.
local pack, unpack, sub, byte, char, max = struct.pack, struct.unpack, string.sub, string.byte, string.char, math.max
local LIFE, CHANNEL_COMMAND = '@LIFE@', '@PUBLISH@'
local NONE = string.rep('\0', 16)
local KEEP = 2592000000
local GONE, STALE = 'g', 's'
local CONTROL, FLOORS, LOG, FIRST = 1, 2, 3, 4

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local incarnation, sequence, newest, floor, floors

local function write_control()
  local bytes = 'a' .. LIFE .. incarnation .. pack('<I8I8I8I4', sequence, newest, floor, floors)
  redis.call('SET', KEYS[CONTROL], bytes, 'PX', KEEP)
  if floors > 0 then redis.call('PEXPIRE', KEYS[FLOORS], KEEP) end
  return bytes
end

-- Rule 9: another life, or a control record that was lost whole or in part.
local function begin_incarnation(drawn)
  incarnation, sequence, newest, floor, floors = drawn, 0, 0, 0, 0
  redis.call('DEL', KEYS[FLOORS], KEYS[LOG])
  return write_control()
end

local function read_control(drawn)
  local bytes = redis.call('GET', KEYS[CONTROL])
  if not bytes or #bytes ~= 53 or byte(bytes) ~= 97 or sub(bytes, 2, 9) ~= LIFE then return begin_incarnation(drawn) end
  incarnation = sub(bytes, 10, 25)
  sequence, newest, floor, floors = unpack('<I8I8I8I4', bytes, 26)
  return bytes
end

-- As read_control, for those who trust the floors: an engine may evict them and leave the rest.
local function read_control_and_floors(drawn)
  local bytes = read_control(drawn)
  if redis.call('ZCARD', KEYS[FLOORS]) ~= floors then return begin_incarnation(drawn) end
  return bytes
end

local function look(key)
  local bytes = redis.call('GET', key)
  if not bytes or #bytes < 78 or byte(bytes) ~= 97 then return { key = key, awaited = '0', body = '' } end
  local record = { key = key, bytes = bytes, awaited = sub(bytes, 2, 2), flags = byte(bytes, 46), nonce = sub(bytes, 63, 78) }
  record.leased_at, record.lease_until, record.began, record.hard_until, record.value_until, record.sliding, record.invalidated_at = unpack('<I6I6I6I6I6I6I6', bytes, 3)
  -- A lease of another incarnation can fill nothing; counting it would only keep others from loading (A24).
  record.leased = record.nonce ~= NONE and record.lease_until > now and sub(bytes, 47, 62) == incarnation
  record.value = record.flags % 2 == 1 and record.value_until > now
  record.body = record.value and sub(bytes, 79) or ''
  if not record.leased then record.awaited = '0' end
  return record
end

-- Writes what is left of a record: its lease, its value, both, or nothing.
local function write(record)
  if not record.leased and not record.value then
    if record.bytes then redis.call('DEL', record.key) end
    return
  end
  local leased_in, nonce, lease_until, leased_at = NONE, NONE, 0, 0
  if record.leased then leased_in, nonce, lease_until, leased_at = record.leased_in or sub(record.bytes, 47, 62), record.nonce, record.lease_until, record.leased_at end
  local flags, value_until = 0, 0
  if record.value then
    flags, value_until = record.flags % 8 + math.floor(record.flags / 16) * 16, record.value_until
  else
    record.began, record.hard_until, record.sliding, record.invalidated_at = 0, 0, 0, 0
  end
  if record.leased and record.writes then flags = flags + 8 end
  record.bytes = 'a' .. record.awaited
    .. pack('<I6I6I6I6I6I6I6', leased_at, lease_until, record.began, record.hard_until, value_until, record.sliding, record.invalidated_at)
    .. char(1, flags) .. leased_in .. nonce .. record.body
  redis.call('SET', record.key, record.bytes, 'PX', max(1, max(lease_until, value_until) - now))
end

local function is_for_writing(record) return math.floor(record.flags / 8) % 2 == 1 end

-- Returns 1, or 3 if the nonce held the lease already: it is extended, or the ask was sent twice.
local function grant(record, nonce, milliseconds, writes)
  local outcome = (record.leased and record.nonce == nonce) and 3 or 1
  record.leased, record.nonce, record.leased_in, record.writes = true, nonce, incarnation, writes
  record.leased_at, record.lease_until = now, now + milliseconds
  write(record)
  return outcome
end

-- Whoever ends the lease next wakes those who wait; without any, nobody is told.
local function await(record)
  if record.awaited == '0' then redis.call('SETRANGE', record.key, 1, '1') end
end

local function publish(channel, message) redis.call(CHANNEL_COMMAND, channel, message) end

local function end_lease(record, channel, name)
  if record.leased and record.awaited == '1' then publish(channel, 'W' .. name) end
  record.leased, record.awaited = false, '0'
end

-- Gives a change its number, and tells those who listen.
local function number(channel, kind, after, name)
  sequence = sequence + 1
  local numbered = pack('<I8', sequence) .. kind .. after .. name
  redis.call('LPUSH', KEYS[LOG], numbered)
  publish(channel, 'C' .. incarnation .. numbered)
end

local function trim_log(count_max)
  redis.call('LTRIM', KEYS[LOG], 0, count_max - 1)
  redis.call('PEXPIRE', KEYS[LOG], KEEP)
end

-- Stores a value whose load began so long ago; one that is over already is not stored.
local function store(record, bytes, age, hard, sliding)
  record.began = now - age
  record.hard_until = record.began + hard
  record.sliding = sliding
  record.value_until = sliding > 0 and math.min(now + sliding, record.hard_until) or record.hard_until
  record.invalidated_at = 0
  record.flags, record.body = byte(bytes, 2), sub(bytes, 35)
  record.value = record.value_until > now
  write(record)
end
