-- Puts messages into a delay queue, and their etas into its index if there is one: that is for those who move what is due, and they find what it lacks.
-- KEYS: list, bodies, index. ARGV: id, body, eta, id, body, eta, …
local indexed = redis.call('EXISTS', KEYS[3]) == 1
for i = 1, #ARGV, 3 do
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
    if indexed then redis.call('ZADD', KEYS[3], ARGV[i + 2], ARGV[i]) end
    redis.call('RPUSH', KEYS[1], ARGV[i])
end
return #ARGV / 3
