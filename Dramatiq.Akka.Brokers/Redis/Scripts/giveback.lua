-- Puts messages that the worker still holds back to the head of their queue, in the order given.
-- KEYS: held, list, bodies, deliveries. ARGV: 1 if it counts as a delivery, how long such counts are kept in ms, ids …
local back = 0
for i = #ARGV, 3, -1 do
    local id = ARGV[i]
    if redis.call('SREM', KEYS[1], id) == 1 and redis.call('HEXISTS', KEYS[3], id) == 1 then
        redis.call('LPUSH', KEYS[2], id)
        if ARGV[1] == '1' then redis.call('HINCRBY', KEYS[4], id, 1) end
        back = back + 1
    end
end
if back > 0 and ARGV[1] == '1' then redis.call('PEXPIRE', KEYS[4], ARGV[2]) end
return back
