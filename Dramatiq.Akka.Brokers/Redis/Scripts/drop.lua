-- drop
-- Drops messages that wait; one that a worker holds is in no list, and is left alone. Answers their ids.
-- KEYS: list or sorted set, bodies, deliveries or index. ARGV: LIST or ZSET, where in the list they were seen: first, last (at most 5000 apart), or -1, -1 to search
-- the list for each; id, id, … (at most 1000).
local wanted, dropped = {}, {}
for i = 4, #ARGV do wanted[ARGV[i]] = true end
if ARGV[1] == 'LIST' then
    local from = tonumber(ARGV[2])
    if from >= 0 then
        -- Marked where they stand and removed together: one pass through the list for all, and not one for each.
        local seen = redis.call('LRANGE', KEYS[1], from, ARGV[3])
        for i = 1, #seen do
            if wanted[seen[i]] then
                redis.call('LSET', KEYS[1], from + i - 1, '')
                dropped[#dropped + 1] = seen[i]
                wanted[seen[i]] = nil
            end
        end
        if #dropped > 0 then redis.call('LREM', KEYS[1], #dropped, '') end
    else
        for id in pairs(wanted) do
            if redis.call('LREM', KEYS[1], 1, id) == 1 then dropped[#dropped + 1] = id end
        end
    end
else
    for id in pairs(wanted) do
        if redis.call('ZREM', KEYS[1], id) == 1 then dropped[#dropped + 1] = id end
    end
end
if #dropped == 0 then return dropped end
redis.call('HDEL', KEYS[2], unpack(dropped))
local kind = redis.call('TYPE', KEYS[3]).ok
if kind == 'zset' then redis.call('ZREM', KEYS[3], unpack(dropped)) elseif kind == 'hash' then redis.call('HDEL', KEYS[3], unpack(dropped)) end
return dropped
