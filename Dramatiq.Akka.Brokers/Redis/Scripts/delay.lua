-- Puts messages into a delay queue, and their etas into its index.
-- KEYS: list, bodies, index. ARGV: id, body, eta, id, body, eta, …
for i = 1, #ARGV, 3 do
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
    redis.call('ZADD', KEYS[3], ARGV[i + 2], ARGV[i])
    redis.call('RPUSH', KEYS[1], ARGV[i])
end
return #ARGV / 3
