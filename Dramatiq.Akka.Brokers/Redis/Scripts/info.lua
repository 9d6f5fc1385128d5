-- A section of what the server says of itself. KEYS: any key of the namespace. ARGV: section.
return redis.call('INFO', ARGV[1])
