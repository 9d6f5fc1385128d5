-- Takes a slot of a counter for a holder, and frees those whose leases have lapsed. Nothing is written where it is refused, or else all who watch the counter would ask again.
-- KEYS: counter, leases. ARGV: holder, limit, lease in ms, time to live in ms. Answers -1 if it was taken, else ms until a slot may be free of itself.
local call = redis.call
local held = tonumber(call('GET', KEYS[1]) or '0')
if not held or held % 1 ~= 0 then return redis.error_reply('ERR ' .. KEYS[1] .. ' holds no whole number: it is used for something else') end
local t = call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local lapsed = call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
-- A counter that went before its leases is made good.
held = math.max(held - lapsed, call('ZCARD', KEYS[2]))
if held >= tonumber(ARGV[2]) then
    if call('ZSCORE', KEYS[2], ARGV[1]) then return -1 end
    if lapsed > 0 then
        call('SET', KEYS[1], held, 'PX', ARGV[4])
        call('PEXPIRE', KEYS[2], ARGV[4])
    end
    local first = call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
    if first[2] then return math.max(1, first[2] - now) end
    return math.max(1, call('PTTL', KEYS[1]))
end
if call('ZADD', KEYS[2], 'NX', now + ARGV[3], ARGV[1]) == 1 then
    call('SET', KEYS[1], held + 1, 'PX', ARGV[4])
    -- As long as the counter: leases that outlived it would be taken off from what Python has counted since, and slots whose leases went before it would be nobody's.
    call('PEXPIRE', KEYS[2], ARGV[4])
end
return -1
