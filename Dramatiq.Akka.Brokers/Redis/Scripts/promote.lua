-- Moves due messages out of a delay queue: each happens whole, and by whoever comes first. One that a Python worker has taken is left to it.
-- KEYS: delay list, delay bodies, index, list, bodies, dead, dead bodies. ARGV: what, id, new id, new body, …
-- where what is R for run, D for dead letter, or G for gone. Answers how many were moved.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local moved = 0
for i = 1, #ARGV, 4 do
    local what, id = ARGV[i], ARGV[i + 1]
    redis.call('ZREM', KEYS[3], id)
    if what == 'G' then
        redis.call('LREM', KEYS[1], 1, id)
    elseif redis.call('HEXISTS', KEYS[2], id) == 1 and redis.call('LREM', KEYS[1], 1, id) == 1 then
        redis.call('HDEL', KEYS[2], id)
        if what == 'R' then
            redis.call('HSET', KEYS[5], ARGV[i + 2], ARGV[i + 3])
            redis.call('RPUSH', KEYS[4], ARGV[i + 2])
        else
            redis.call('ZADD', KEYS[6], now, id)
            redis.call('HSET', KEYS[7], id, ARGV[i + 3])
        end
        moved = moved + 1
    end
end
return moved
