-- ISharedTier.ReadControlAsync. KEYS: control, floors, log. ARGV: incarnation drawn, the incarnation asked about, the sequence asked about.
-- Replies: control, time, floors with their sequences one after another, the changes since then with the newest first or nil.
read_control_and_floors(ARGV[1])
local known, since = redis.call('ZRANGE', KEYS[FLOORS], 0, -1, 'WITHSCORES'), tonumber(ARGV[3])
local control = write_control()
redis.call('PEXPIRE', KEYS[LOG], KEEP)
if ARGV[2] ~= incarnation or since > sequence then return { control, now, known, false } end
if since == sequence then return { control, now, known, {} } end
local changes = redis.call('LRANGE', KEYS[LOG], 0, sequence - since - 1)
return { control, now, known, #changes == sequence - since and changes or false }
