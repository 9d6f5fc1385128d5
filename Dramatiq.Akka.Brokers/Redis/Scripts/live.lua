-- Adds steps to lives, each sorted by its order within the generation: a requeueing begins the next one, so that what comes late never takes the last place.
-- KEYS: a life for each step. ARGV: how long a life is kept in ms, how many steps are kept, and for each key: order, 1 for a requeueing, step.
local generation = 1000000000
for i = 1, #KEYS do
    local at = 3 * i
    local last = redis.call('ZRANGE', KEYS[i], -1, -1, 'WITHSCORES')
    local current = last[2] and math.floor(tonumber(last[2]) / generation) or 0
    if ARGV[at + 1] == '1' and last[2] then current = current + 1 end
    redis.call('ZADD', KEYS[i], current * generation + tonumber(ARGV[at]), ARGV[at + 2])
    redis.call('ZREMRANGEBYRANK', KEYS[i], 0, -1 - tonumber(ARGV[2]))
    redis.call('PEXPIRE', KEYS[i], ARGV[1])
end
return #KEYS
