-- After a call of unknown outcome: what the worker holds here without knowing goes back to its queue.
-- KEYS: heartbeats, held, list, bodies. ARGV: worker, heartbeat timeout in ms, the ids it knows of …
-- Answers -1 when the worker's lease has lapsed, else how many went back.
local t = redis.call('TIME')
local seen = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not seen or tonumber(seen) < t[1] * 1000 + math.floor(t[2] / 1000) - tonumber(ARGV[2]) then return -1 end
local known = {}
for i = 3, #ARGV do known[ARGV[i]] = true end
local back = 0
for _, id in ipairs(redis.call('SMEMBERS', KEYS[2])) do
    if not known[id] then
        redis.call('SREM', KEYS[2], id)
        if redis.call('HEXISTS', KEYS[4], id) == 1 then
            redis.call('LPUSH', KEYS[3], id)
            back = back + 1
        end
    end
end
return back
