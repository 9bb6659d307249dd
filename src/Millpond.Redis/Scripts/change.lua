-- ISharedTier.ChangeAsync. KEYS: control, floors, log, the records of changed keys in their order. ARGV: incarnation drawn, channel, the most floors, the most changes to remember; then for each
-- change its kind ('k' key, 's' scope, 'a' all), what becomes of a value ('g' gone, 's' stale), and its name. Replies: control, time.
read_control_and_floors(ARGV[1])
local next_key = FIRST
for i = 5, #ARGV, 3 do
  local kind, after, name = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if kind == 'k' then
    local record = look(KEYS[next_key])
    next_key = next_key + 1
    if after == GONE then
      record.value, record.body = false, ''
    elseif record.value and math.floor(record.flags / 4) % 2 == 0 then
      record.flags, record.invalidated_at = record.flags + 4, now
    end
    end_lease(record, ARGV[2], name)
    write(record)
  end
  number(ARGV[2], kind, after, name)
  if kind == 's' then
    floors = floors + redis.call('ZADD', KEYS[FLOORS], sequence, name)
    newest = sequence
    if floors > tonumber(ARGV[3]) then
      -- The oldest merges into the keyspace's floor, which makes stale all that it did and some more.
      floor = max(floor, tonumber(redis.call('ZPOPMIN', KEYS[FLOORS])[2]))
      floors = floors - 1
    end
  elseif kind == 'a' then
    redis.call('DEL', KEYS[FLOORS])
    floor, newest, floors = sequence, sequence, 0
  end
end
trim_log(tonumber(ARGV[4]))
return { write_control(), now }
