-- promote
-- Moves messages out of a delay queue: each happens whole, and by whoever comes first. One that a Python worker has taken is left to it.
-- KEYS: delay list, delay bodies, index, list, bodies, dead, dead bodies. ARGV: where in the list they were seen: first, last (at most 5000 apart), or -1, -1 to search
-- the list for each; then what, id, new id, new body, … (at most 500) where what is R for run, D for dead letter, or G for gone. Answers the ids of those that were moved.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local from, taken, moved = tonumber(ARGV[1]), {}, {}
local function is_there(what, id) return what == 'G' or redis.call('HEXISTS', KEYS[2], id) == 1 end
if from >= 0 then
    -- Marked where they stand and removed together: one pass through the list for all, and not one for each.
    local place, marked = {}, 0
    local seen = redis.call('LRANGE', KEYS[1], from, ARGV[2])
    for i = 1, #seen do place[seen[i]] = from + i - 1 end
    for i = 3, #ARGV, 4 do
        local id = ARGV[i + 1]
        if place[id] and is_there(ARGV[i], id) then
            redis.call('LSET', KEYS[1], place[id], '')
            place[id] = nil
            taken[id] = true
            marked = marked + 1
        end
    end
    if marked > 0 then redis.call('LREM', KEYS[1], marked, '') end
else
    for i = 3, #ARGV, 4 do
        local id = ARGV[i + 1]
        if is_there(ARGV[i], id) and redis.call('LREM', KEYS[1], 1, id) == 1 then taken[id] = true end
    end
end
for i = 3, #ARGV, 4 do
    local what, id = ARGV[i], ARGV[i + 1]
    redis.call('ZREM', KEYS[3], id)
    if taken[id] and what ~= 'G' then
        taken[id] = nil
        redis.call('HDEL', KEYS[2], id)
        if what == 'R' then
            redis.call('HSET', KEYS[5], ARGV[i + 2], ARGV[i + 3])
            redis.call('RPUSH', KEYS[4], ARGV[i + 2])
        else
            redis.call('ZADD', KEYS[6], now, id)
            redis.call('HSET', KEYS[7], id, ARGV[i + 3])
        end
        moved[#moved + 1] = id
    end
end
return moved
