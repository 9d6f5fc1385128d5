-- Moves messages from a queue into what a worker holds.
-- KEYS: heartbeats, list, bodies, held, deliveries. ARGV: worker, heartbeat timeout in ms, how many (at most 2000).
-- Answers false when the worker's lease has lapsed, else { ids, bodies, earlier deliveries or false }.
local t = redis.call('TIME')
local seen = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not seen or tonumber(seen) < t[1] * 1000 + math.floor(t[2] / 1000) - tonumber(ARGV[2]) then return false end
local ids = redis.call('LPOP', KEYS[2], ARGV[3])
if not ids then return {} end
redis.call('SADD', KEYS[4], unpack(ids))
local bodies = redis.call('HMGET', KEYS[3], unpack(ids))
for i = 1, #ids do
    -- An id whose body is gone leads nowhere: it is dropped here, and the caller passes over it.
    if not bodies[i] then redis.call('SREM', KEYS[4], ids[i]) end
end
if redis.call('EXISTS', KEYS[5]) == 0 then return { ids, bodies, false } end
return { ids, bodies, redis.call('HMGET', KEYS[5], unpack(ids)) }
