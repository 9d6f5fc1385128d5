-- Takes from a counter, unless it would come below the minimum.
-- KEYS: the counter. ARGV: amount, minimum, time to live in ms. Answers 1 if it was taken.
local held = tonumber(redis.call('GET', KEYS[1]) or '0')
if not held then return redis.error_reply('ERR ' .. KEYS[1] .. ' holds no number: it is used for something else') end
held = held - tonumber(ARGV[1])
if held < tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], string.format('%.0f', held), 'PX', ARGV[3])
return 1
