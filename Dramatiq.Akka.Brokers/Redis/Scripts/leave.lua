-- A consumer ends: what it holds goes back to the head of the queue, the ids given in their order and counted as delivered, and it is forgotten as a worker.
-- KEYS: heartbeats, held, list, bodies, deliveries. ARGV: worker, how long counts are kept in ms, ids …
local function back(id)
    if redis.call('SREM', KEYS[2], id) == 0 or redis.call('HEXISTS', KEYS[4], id) == 0 then return false end
    redis.call('LPUSH', KEYS[3], id)
    return true
end
for i = #ARGV, 3, -1 do
    if back(ARGV[i]) then redis.call('HINCRBY', KEYS[5], ARGV[i], 1) end
end
for _, id in ipairs(redis.call('SMEMBERS', KEYS[2])) do back(id) end
if #ARGV > 2 then redis.call('PEXPIRE', KEYS[5], ARGV[2]) end
redis.call('DEL', KEYS[2])
return redis.call('ZREM', KEYS[1], ARGV[1])
