-- Stores results, each in place of an earlier one, as lists of one as Python does. KEYS: where. ARGV: for each, how long it is kept in ms (-1 for ever), and the JSON.
for i = 1, #KEYS do
    local length = redis.pcall('LPUSH', KEYS[i], ARGV[2 * i])
    if length ~= 1 then   -- there was one, or something that is no list
        redis.call('DEL', KEYS[i])
        redis.call('LPUSH', KEYS[i], ARGV[2 * i])
    end
    if ARGV[2 * i - 1] ~= '-1' then redis.call('PEXPIRE', KEYS[i], ARGV[2 * i - 1]) end
end
return #KEYS
