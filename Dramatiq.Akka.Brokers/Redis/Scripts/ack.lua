-- Forgets messages that the worker still holds. KEYS: held, bodies, deliveries. ARGV: ids (at most 2000).
local held = redis.call('SMISMEMBER', KEYS[1], unpack(ARGV))
local ids = {}
for i = 1, #ARGV do
    if held[i] == 1 then ids[#ids + 1] = ARGV[i] end
end
if #ids == 0 then return 0 end
redis.call('SREM', KEYS[1], unpack(ids))
redis.call('HDEL', KEYS[2], unpack(ids))
if redis.call('EXISTS', KEYS[3]) == 1 then redis.call('HDEL', KEYS[3], unpack(ids)) end
return #ids
