-- What is due in a delay queue, and what came in at its end without an eta in the index, as Python's enqueue leaves it.
-- KEYS: list, bodies, index. ARGV: how many due ones at most, how far to look back from the end (both at most 1000), how long an index is kept in ms.
-- Answers { due ids, due bodies, new ids, new bodies, ms until the next is due or -1, 1 if others without an eta must be looked for }.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, ARGV[1])
local due_bodies = #due > 0 and redis.call('HMGET', KEYS[2], unpack(due)) or {}
local tail = redis.call('LRANGE', KEYS[1], -tonumber(ARGV[2]), -1)
local new = {}
if #tail > 0 then
    local etas = redis.call('ZMSCORE', KEYS[3], unpack(tail))
    for i = 1, #tail do
        if not etas[i] then new[#new + 1] = tail[i] end
    end
end
local new_bodies = #new > 0 and redis.call('HMGET', KEYS[2], unpack(new)) or {}
local first = redis.call('ZRANGEBYSCORE', KEYS[3], '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
-- An index that nobody looks at any more would only grow.
redis.call('PEXPIRE', KEYS[3], ARGV[3])
local missing = redis.call('LLEN', KEYS[1]) - #new > redis.call('ZCARD', KEYS[3])
return { due, due_bodies, new, new_bodies, first[2] and math.ceil(tonumber(first[2]) - now) or -1, missing and 1 or 0 }
