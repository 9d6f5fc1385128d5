-- Puts messages at the end of a queue.
-- KEYS: list, bodies. ARGV: id, body, id, body, …
local ids = {}
for i = 1, #ARGV, 2 do ids[#ids + 1] = ARGV[i] end
for from = 1, #ARGV, 2000 do
    redis.call('HSET', KEYS[2], unpack(ARGV, from, math.min(from + 1999, #ARGV)))
end
for from = 1, #ids, 2000 do
    redis.call('RPUSH', KEYS[1], unpack(ids, from, math.min(from + 1999, #ids)))
end
return #ids
