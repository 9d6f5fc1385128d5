-- Puts what a dead worker held on one queue back, as delivered once more: to the head of a queue, to the end of a delay queue.
-- KEYS: heartbeats, held, list, bodies, deliveries. ARGV: worker, heartbeat timeout in ms, how long counts are kept in ms, 'LPUSH' or 'RPUSH'.
-- Answers -1 when the worker lives after all, else how many were taken from it: 1000 means that there may be more.
local t = redis.call('TIME')
local seen = redis.call('ZSCORE', KEYS[1], ARGV[1])
if seen and tonumber(seen) >= t[1] * 1000 + math.floor(t[2] / 1000) - tonumber(ARGV[2]) then return -1 end
local ids = redis.call('SPOP', KEYS[2], 1000)
for _, id in ipairs(ids) do
    if redis.call('HEXISTS', KEYS[4], id) == 1 then
        redis.call(ARGV[4], KEYS[3], id)
        redis.call('HINCRBY', KEYS[5], id, 1)
    end
end
if #ids > 0 then redis.call('PEXPIRE', KEYS[5], ARGV[3]) end
return #ids
