-- Puts dead letters back into their queue under a new id, and answers the old ones. KEYS: dead, dead bodies, list, bodies. ARGV: id, new id, new body, …
local revived = {}
for i = 1, #ARGV, 3 do
    if redis.call('ZREM', KEYS[1], ARGV[i]) == 1 then
        redis.call('HDEL', KEYS[2], ARGV[i])
        redis.call('HSET', KEYS[4], ARGV[i + 1], ARGV[i + 2])
        redis.call('RPUSH', KEYS[3], ARGV[i + 1])
        revived[#revived + 1] = ARGV[i]
    end
end
return revived
