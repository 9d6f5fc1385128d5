-- Drops up to 2000 messages that wait. KEYS: list, or sorted set of the dead; bodies; deliveries or index. ARGV: LPOP or ZPOPMIN. Answers how many.
local popped = redis.call(ARGV[1], KEYS[1], 2000)
if not popped or #popped == 0 then return 0 end
local step = ARGV[1] == 'ZPOPMIN' and 2 or 1
local ids = {}
for i = 1, #popped, step do ids[#ids + 1] = popped[i] end
redis.call('HDEL', KEYS[2], unpack(ids))
local kind = redis.call('TYPE', KEYS[3]).ok
if kind == 'zset' then redis.call('ZREM', KEYS[3], unpack(ids)) elseif kind == 'hash' then redis.call('HDEL', KEYS[3], unpack(ids)) end
return #ids
