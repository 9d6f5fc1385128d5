-- Adds to a counter, unless the sum of all would come above the maximum.
-- KEYS: the counter, others that count … ARGV: amount, maximum, time to live in ms. Answers 1 if it was added.
local held = tonumber(redis.call('GET', KEYS[1]) or '0')
if not held then return redis.error_reply('ERR ' .. KEYS[1] .. ' holds no number: it is used for something else') end
local sum = held + tonumber(ARGV[1])
for i = 2, #KEYS do sum = sum + (tonumber(redis.call('GET', KEYS[i]) or '0') or 0) end
if sum > tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], string.format('%.0f', held + tonumber(ARGV[1])), 'PX', ARGV[3])
return 1
