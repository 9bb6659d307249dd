-- ISharedTier.AcquireAsync. KEYS: control, floors, log, record. ARGV: incarnation drawn, nonce, milliseconds, 'w' to write or 'l' to load.
-- Replies: control, time, 1 granted, 2 held or 3 renewed.
local control = read_control(ARGV[1])
local record = look(KEYS[FIRST])
if record.leased and ARGV[4] == 'l' and record.nonce ~= ARGV[2] then
  await(record)
  return { control, now, 2 }
end
return { control, now, grant(record, ARGV[2], tonumber(ARGV[3]), ARGV[4] == 'w') }
