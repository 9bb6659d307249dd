-- ISharedTier.FillAsync. KEYS: control, floors, log, record. ARGV: incarnation drawn, channel, name, nonce, incarnation of the load, milliseconds since the grant, age, hard time and sliding
-- time in milliseconds, the most changes to remember, the record. Replies: control, time, 0 stored, 1 lease lost, 2 other incarnation.
local control = read_control(ARGV[1])
if ARGV[5] ~= incarnation then return { control, now, 2 } end
local record = look(KEYS[FIRST])
if not record.leased or record.nonce ~= ARGV[4] then return { control, now, 1 } end
if is_for_writing(record) then
  number(ARGV[2], 'k', GONE, ARGV[3])
  trim_log(tonumber(ARGV[10]))
  control = write_control()
end
local on_the_way = max(0, now - record.leased_at - tonumber(ARGV[6]))
end_lease(record, ARGV[2], ARGV[3])
store(record, ARGV[11], tonumber(ARGV[7]) + on_the_way, tonumber(ARGV[8]), tonumber(ARGV[9]))
return { control, now, 0 }
