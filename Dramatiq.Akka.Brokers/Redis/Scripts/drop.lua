-- Drops messages that wait; one that a worker holds is in no list, and is left alone. Answers how many.
-- KEYS: list or sorted set, bodies, deliveries or index. ARGV: LIST or ZSET, where in the list they were seen: first, last (at most 5000 apart), id, id, … (at most 1000).
local wanted, dropped = {}, {}
for i = 4, #ARGV do wanted[ARGV[i]] = true end
if ARGV[1] == 'LIST' then
    -- Marked where they stand and removed together: one pass through the list for all, and not one for each.
    local from = tonumber(ARGV[2])
    local seen = redis.call('LRANGE', KEYS[1], from, ARGV[3])
    for i = 1, #seen do
        if wanted[seen[i]] then
            redis.call('LSET', KEYS[1], from + i - 1, '')
            dropped[#dropped + 1] = seen[i]
            wanted[seen[i]] = nil
        end
    end
    if #dropped > 0 then redis.call('LREM', KEYS[1], #dropped, '') end
    for i = 4, #ARGV do
        if wanted[ARGV[i]] and redis.call('LREM', KEYS[1], 1, ARGV[i]) == 1 then dropped[#dropped + 1] = ARGV[i] end
        wanted[ARGV[i]] = nil
    end
else
    for id in pairs(wanted) do
        if redis.call('ZREM', KEYS[1], id) == 1 then dropped[#dropped + 1] = id end
    end
end
if #dropped == 0 then return 0 end
redis.call('HDEL', KEYS[2], unpack(dropped))
local kind = redis.call('TYPE', KEYS[3]).ok
if kind == 'zset' then redis.call('ZREM', KEYS[3], unpack(dropped)) elseif kind == 'hash' then redis.call('HDEL', KEYS[3], unpack(dropped)) end
return #dropped
