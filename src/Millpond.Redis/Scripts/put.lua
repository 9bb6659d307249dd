-- ISharedTier.PutAsync. KEYS: control, floors, log, record. ARGV: incarnation drawn, channel, name, age, hard time and sliding time in milliseconds, the most changes to remember, the
-- record, whose stamp and incarnation are set here. Replies: control, time.
read_control(ARGV[1])
local record = look(KEYS[FIRST])
number(ARGV[2], 'k', GONE, ARGV[3])
trim_log(tonumber(ARGV[7]))
local control = write_control()
end_lease(record, ARGV[2], ARGV[3])
local bytes = sub(ARGV[8], 1, 34) .. pack('<I8', sequence) .. incarnation .. sub(ARGV[8], 59)
store(record, bytes, tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]))
return { control, now }
