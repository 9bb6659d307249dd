-- ISharedTier.AcquireAsync. KEYS: control, floors, log, record. ARGV: incarnation drawn, nonce, milliseconds, 'w' to write, 'l' to load or 'e' to extend.
-- Replies: control, time, 0 none to extend, 1 granted, 2 held or 3 renewed.
local control = read_control(ARGV[1])
local record = look(KEYS[FIRST])
if ARGV[4] == 'e' then
  if not record.leased or record.nonce ~= ARGV[2] then return { control, now, 0 } end
  record.lease_until, record.writes = max(record.lease_until, now + tonumber(ARGV[3])), is_for_writing(record)
  write(record)
  return { control, now, 3 }
end
if record.leased and ARGV[4] == 'l' and record.nonce ~= ARGV[2] then
  await(record)
  return { control, now, 2 }
end
return { control, now, grant(record, ARGV[2], tonumber(ARGV[3]), ARGV[4] == 'w') }
